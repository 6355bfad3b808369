"""The platform landing zone."""
