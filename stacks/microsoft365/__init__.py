"""Microsoft 365: persona groups."""
