"""Application landing zones from requests."""
