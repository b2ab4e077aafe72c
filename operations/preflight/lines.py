"""A line of a preflight: what was asked, what it came to, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from operations.deployment import Deployment, Regions
    from operations.endpoint import Endpoint


class Outcome(StrEnum):
    """What a question came to; each outranks those after it."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    PASSED = "passed"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One question and its answer. `remedy` is empty where there is nothing to do."""

    name: str
    outcome: Outcome
    detail: str
    remedy: str = ""


class ObjectionError(OperationError):
    """The answer to a question is no: why, and what to do instead of the question's usual remedy."""

    def __init__(self, detail: str, *, remedy: str = "") -> None:
        """Take what is the matter."""
        super().__init__(detail)
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a preflight is about. `deployment` is None while the stage is deployed in no Region.

    `settings` are those of the stage's file as it stands in `folder`.
    """

    endpoint: Endpoint
    stage: str
    regions: Regions
    deployment: Deployment | None
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deployed(self) -> Deployment:
        """The deployed stage; raises OperationError when there is none."""
        if self.deployment is None:
            raise OperationError(f"stage {self.stage!r} is not deployed yet")
        return self.deployment


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: `ask` returns what to say when it is well, and raises ObjectionError when it is not."""

    name: str
    remedy: str
    ask: Callable[[], str]


def worst(lines: list[Line]) -> Outcome:
    """Return what all lines come to; unknown without any."""
    outcomes = {line.outcome for line in lines}
    return next((outcome for outcome in Outcome if outcome in outcomes), Outcome.UNKNOWN)
