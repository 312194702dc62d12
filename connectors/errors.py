"""Errors that stop the capture: one line each, with the way out."""

from __future__ import annotations


class CaptureError(RuntimeError):
    """The capture cannot go on; the message names the thing and what to do about it."""


class Stopped(RuntimeError):
    """The capture was asked to stop while it waited."""
