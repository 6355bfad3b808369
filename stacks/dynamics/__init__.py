"""Dynamics 365 environments, tables and forms as data."""
