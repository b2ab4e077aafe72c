"""The errors that AWS FIS answers with (its service model)."""

from __future__ import annotations


class FisError(Exception):
    """An error with the code and HTTP status of the service model."""

    code = "InternalServerException"
    status = 500


class ValidationError(FisError):
    """What was given is not valid, or does not fit what there is."""

    code = "ValidationException"
    status = 400


class ResourceNotFoundError(FisError):
    """No such template or experiment."""

    code = "ResourceNotFoundException"
    status = 404


class ConflictError(FisError):
    """A client token was used before with something else."""

    code = "ConflictException"
    status = 409


class AccessDeniedError(FisError):
    """The caller may not do it, or is not known."""

    code = "AccessDeniedException"
    status = 403
