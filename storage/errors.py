"""What the store raises: one class, with the remedy in its message and never a secret."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be opened, read or written; the message says what to do about it."""
