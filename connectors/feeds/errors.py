"""What can go wrong with a feed, said in one line with the way out."""

from __future__ import annotations


class FeedError(RuntimeError):
    """A feed could not be read or asked; the message names it and what to do about it."""
