"""Room on the disk: where it is full, anything may fail, in words that name everything but the disk."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from operations.errors import NoRoomError, OperationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED_MEGABYTES = 300
"""Twice what a stage takes while it is deployed (150 MB): two databases with their logs, functions, an assembly."""
FULL_MEGABYTES = 32
"""Less counts as full, because PostgreSQL adds files of 16 MB (its manual, WAL Configuration)."""


def free_megabytes(folder: Path) -> int:
    """Return how much a program may still write below an existing folder."""
    return shutil.disk_usage(folder).free // 1_000_000


def require_room(folder: Path) -> None:
    """Raise NoRoomError where a stage could be deployed only in part."""
    free = free_megabytes(folder)
    if free < NEEDED_MEGABYTES:
        raise NoRoomError(f"{free} MB are free in {folder}, {NEEDED_MEGABYTES} MB are needed: free some space")


@contextlib.contextmanager
def naming_a_full_disk(folder: Path) -> Iterator[None]:
    """Have an OperationError name the disk where it is full, because that is then what made anything else fail."""
    try:
        yield
    except OperationError as error:
        if free_megabytes(folder) >= FULL_MEGABYTES:
            raise
        raise OperationError(f"the disk of {folder} is full: free some space, then run this again ({error})") from error
