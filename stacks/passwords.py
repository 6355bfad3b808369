"""First passwords, where Azure makes nothing without one and nobody is to know it."""

from __future__ import annotations

import secrets


def new_password() -> str:
    """32 random characters and one of each kind that Azure asks for."""
    return f"Aa1-{secrets.token_urlsafe(24)}"
