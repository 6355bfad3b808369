"""Gates: who may let a run pass a go/no-go, by signature, and what keeps it shut whoever signs."""
