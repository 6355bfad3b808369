"""Reports: the same judgements for people, for programs and for code scanners."""
