"""Components that are secure by default."""
