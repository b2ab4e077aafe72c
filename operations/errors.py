"""What can go wrong, by what the operator should do about it."""


class WrongInputError(Exception):
    """The command cannot mean anything as given: one line on stderr, exit status 2."""


class OperationError(Exception):
    """The command was right and did not succeed: one line on stderr, exit status 1. Running it again is safe."""


class CredentialsError(WrongInputError):
    """The operator's credentials or AWS configuration cannot be used: one line that names the remedy, exit status 2."""


class BusyError(WrongInputError):
    """Another run has what this one needs: one line that says which, exit status 2."""


class NoRoomError(WrongInputError):
    """The disk has too little room to begin: one line that says how much is needed where, exit status 2."""


class RealAwsError(WrongInputError):
    """A drill was asked of AWS itself: how to rehearse there, in several lines, exit status 2."""
