"""Errors of feeds; every message names the feed and what to do."""

from __future__ import annotations


class FeedError(RuntimeError):
    """A feed or its service could not be read."""
