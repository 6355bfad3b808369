"""Utilisation of servers as it was sampled: read from files, kept in Parquet, summarised exactly."""
