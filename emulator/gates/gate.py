"""What both gates share: whether they refuse or only log, what is exempt, and what was met."""

from __future__ import annotations

import json
import logging
import re
import time
import tomllib
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE = Path(__file__).with_name("exemptions.toml")
_LIMIT = 1_000
_TIMED_EVERY = 8
_logger = logging.getLogger("emulator.gates")


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A constraint of a model that AWS does not hold to, with the reason to think so.

    `subject` is a service and an operation, like `iam CreateRole`, or a type of CloudFormation's; `path` is the member
    as AWS's message writes it; `message` is a pattern for all of what AWS would say, by default for anything.
    """

    subject: str
    path: str
    reason: str
    message: str = "(?s:.*)"


def exemptions(file: Path = _FILE) -> list[Exemption]:
    """The exemptions of the file."""
    return [Exemption(**each) for each in tomllib.loads(file.read_text(encoding="utf-8")).get("exemption", [])]


class Gate:
    """The gates' mode, one of `refuse`, `log` and `off`, and what they met so far, for `GET /_emulator/gate`."""

    def __init__(self, mode: str, exempt: Sequence[Exemption] | None = None) -> None:
        self.mode = mode
        self._exempt = list(exemptions() if exempt is None else exempt)
        self._used: set[tuple[str, str]] = set()
        self._met: deque[dict[str, str]] = deque(maxlen=_LIMIT)
        self._checked = {"requests": 0, "resources": 0}
        self._timed = {"requests": 0, "resources": 0}
        self._seconds = {"requests": 0.0, "resources": 0.0}
        self.unread_patterns: dict[str, str] = {}

    @property
    def refuses(self) -> bool:
        """Whether what AWS refuses is refused, rather than only logged."""
        return self.mode == "refuse"

    @contextmanager
    def counting(self, what: str) -> Iterator[None]:
        """Count one request or one resource (`what` is their plural), and time every eighth check.

        A thread's processor time is a call of the system, which takes as long as checking a request does.
        """
        timed = self._checked[what] % _TIMED_EVERY == 0
        began = time.thread_time() if timed else 0.0
        try:
            yield
        finally:
            self._checked[what] += 1
            if timed:
                self._timed[what] += 1
                self._seconds[what] += time.thread_time() - began

    def is_exempt(self, subject: str, path: str, message: str) -> bool:
        """Whether what AWS would say of `path` of `subject` is let through."""
        exempt = any(
            (each.subject, each.path) == (subject, path) and re.fullmatch(each.message, message)
            for each in self._exempt
        )
        if exempt:
            self._used.add((subject, path))
        return exempt

    def note(self, subject: str, message: str, **more: str) -> None:
        """Log what AWS would refuse, or what nothing here can read."""
        entry = {"subject": subject, "message": message, **more}
        self._met.append(entry)
        _logger.warning("gate %s: %s", self.mode, json.dumps(entry))

    def report(self) -> dict[str, Any]:
        """How much was checked, what AWS would refuse of it, and which exemptions were needed.

        `seconds` is the processor time of all checks, reckoned from those that were timed.
        """
        return {
            "mode": self.mode,
            "checked": self._checked,
            "seconds": {
                what: seconds * self._checked[what] / max(self._timed[what], 1)
                for what, seconds in self._seconds.items()
            },
            "refused": list(self._met),
            "exempted": sorted(map(list, self._used)),
            "unread_patterns": self.unread_patterns,
        }
