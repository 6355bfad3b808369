"""What we decide and do."""
