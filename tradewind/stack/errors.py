"""What can go wrong with the stack; every message names the thing and the way out."""


class StackError(RuntimeError):
    """The stack cannot do what was asked; one clear line for the person at the keyboard."""
