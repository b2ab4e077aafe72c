"""What can go wrong, by what the operator should do about it."""

__all__ = ["OperationError", "RealAwsError", "WrongInputError"]


class WrongInputError(Exception):
    """The command cannot mean anything as given: one line on stderr, exit status 2."""


class OperationError(Exception):
    """The command was right and did not succeed: one line on stderr, exit status 1. Running it again is safe."""


class RealAwsError(WrongInputError):
    """A drill was asked of AWS itself: how to rehearse there, in several lines, exit status 2."""
