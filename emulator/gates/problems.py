"""What is wrong with a value of a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a value; `path` as CloudFormation writes it, like `#/Rules/0/Name`."""

    path: str
    message: str

    def __str__(self) -> str:
        """Say it as CloudFormation does."""
        return f"{self.path}: {self.message}"


Check = Callable[[Any, str, list[Problem]], None]
"""Adds to a list what is wrong with a value at a path."""
