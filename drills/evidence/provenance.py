"""Where a drill's figures come from: who ran it, from which commit, with which templates and packages."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

from drills.embedded.isolation import ROOT
from drills.history.events import Provenance

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "unknown"
PACKAGES = ROOT / "build" / "functions"
"""The functions' packages, as they were deployed."""
VERSION = re.compile(r"\d+(?:\.\d+)+")


def provenance(assembly: Path, *, at: float) -> Provenance:
    """Return all of it, as an event of that moment; what cannot be told is `unknown`.

    TANDEM_OPERATOR names who runs it where the machine's user does not say it, as in a pipeline.
    """
    commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return Provenance(
        at=at,
        who=os.environ.get("TANDEM_OPERATOR") or _user(),
        commit=commit or UNKNOWN,
        clean=None if commit is None or changes is None else not changes,
        templates=_digests(assembly, "*.template.json"),
        packages=_digests(PACKAGES, "*.zip"),
        tools=tools(),
    )


def tools() -> dict[str, str]:
    """Return the versions of what is no package of the project's environment: it took part all the same."""
    return {
        "MiniStack": _ministack(),
        "PostgreSQL": _said(*sorted(ROOT.glob(".venv-emulator/lib/*/site-packages/*/pginstall/bin/postgres"))[:1]),
        "CDK CLI": _of_package_json(ROOT / "node_modules" / "aws-cdk" / "package.json"),
        "Node": _said(ROOT / ".venv" / "bin" / "node"),
    }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digests(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: digest(path) for path in sorted(folder.glob(pattern))}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return UNKNOWN


def _git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever git the operator has
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _ministack() -> str:
    installed = sorted(ROOT.glob(".venv-emulator/lib/*/site-packages/ministack-*.dist-info"))
    match = VERSION.search(installed[-1].name) if installed else None
    return match[0] if match else UNKNOWN


def _of_package_json(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError):
        return UNKNOWN


def _said(*program: Path) -> str:
    """The version that a program says it has."""
    if not program:
        return UNKNOWN
    try:
        answer = subprocess.run([program[0], "--version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    match = VERSION.search(answer.stdout)
    return match[0] if match else UNKNOWN
