"""Errors of the stack; every message names what failed and what to do."""


class StackError(RuntimeError):
    """The stack cannot do what was requested; the message is one line for the user."""
