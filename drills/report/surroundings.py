"""On what a drill ran: versions, machine, the stage's settings."""

from __future__ import annotations

import os
import platform
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from drills.history.events import Surroundings
from drills.report.differences import differences


def surroundings(stage: str, *, at: float) -> Surroundings:
    """Return all of it, as an event of that moment."""
    return Surroundings(
        at=at, settings=settings(stage), machine=machine(), versions=versions(), differences=tuple(differences())
    )


def versions() -> dict[str, str]:
    """Return the versions of what took part."""
    by_name = {"python": platform.python_version()}
    for name in ("tandem", "aws-cdk-lib", "boto3", "botocore"):
        try:
            by_name[name] = version(name)
        except PackageNotFoundError:
            by_name[name] = "not installed"
    return by_name


def machine() -> dict[str, Any]:
    """Return what the embedded AWS had to run on."""
    return {"cpus": os.cpu_count(), "platform": platform.platform()}


def settings(stage: str, folder: Path = Path("settings")) -> dict[str, Any]:
    """Return the stage's settings as its file gives them, tables flattened to dotted keys; empty without a file."""
    path = folder / f"{stage}.toml"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return _flat(tomllib.load(file))


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat
