"""Questionnaires in Konveyor's form, asked of workloads; what people and the inventory answer, and what it comes to.

`read` the questions, `answers` the files that people fill in, `tags` what the inventory knows, `asked` puts the three together, `risk` is
the published formula. How it is reckoned is in docs/guides/questionnaires.md.
"""
