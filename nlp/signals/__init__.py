"""Signals and disclosure: what convention says plainly, with the words that say it."""
