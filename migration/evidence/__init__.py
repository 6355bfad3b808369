"""Evidence: what is kept of a run for those who were not there, and how they check it."""
