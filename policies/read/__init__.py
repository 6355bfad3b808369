"""Readers: a file that others wrote becomes subjects. Recognised by what it holds, never by its name."""
