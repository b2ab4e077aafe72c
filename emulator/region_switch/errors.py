"""The errors that ARC Region switch answers with (its service model)."""

from __future__ import annotations


class RegionSwitchError(Exception):
    """An error with the code and HTTP status of the service model."""

    code = "InternalServerException"
    status = 500


class ResourceNotFoundError(RegionSwitchError):
    """No such plan, execution or step."""

    code = "ResourceNotFoundException"
    status = 404


class IllegalStateError(RegionSwitchError):
    """The plan or execution is in a state that does not allow it."""

    code = "IllegalStateException"
    status = 400


class IllegalArgumentError(RegionSwitchError):
    """An argument does not fit the plan."""

    code = "IllegalArgumentException"
    status = 400


class AccessDeniedError(RegionSwitchError):
    """The caller may not do it, or is not known."""

    code = "AccessDeniedException"
    status = 403
