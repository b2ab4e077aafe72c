"""What a synthesis depends on, as one digest, so that a cloud assembly is used again while none of it changed.

An assembly keeps the digest of its inputs and that of its own files beside its templates. A file that somebody edited
or removed therefore leads to a new synthesis, as a changed input does.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

RECORD = "inputs.json"
"""The file of a cloud assembly that says which inputs and which files it has."""

_SOURCES = (
    "app.py",
    "cdk.json",
    "settings/*.toml",
    "contract/**/*.py",
    "stacks/**/*.py",
    "constructs/**/*.py",
    "runtime/tandem_runtime/migrate/sql/*",
    "build/functions/*.zip",
    "requirements/project.txt",
)
_LIBRARIES = ("aws-cdk-lib", "cdk-nag", "constructs")
_VARIABLES = ("CDK_VALIDATION", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "CDK_CLI_ASM_VERSION", "JSII_DEPRECATED")


def digest(root: Path, context: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """Return the SHA-256 of the checkout's sources, CDK's versions, the context and the variables that CDK reads."""
    files = [path for pattern in _SOURCES for path in sorted(root.glob(pattern))]
    parts = {
        "python": sys.version,
        "optimize": sys.flags.optimize,
        "libraries": [metadata.version(name) for name in _LIBRARIES],
        "context": context,
        "environment": {name: environment.get(name) for name in _VARIABLES},
        "files": _contents(root, files),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def record(assembly: Path, inputs: str) -> None:
    """Write into an assembly what it was synthesized from."""
    found = {"inputs": inputs, "files": _contents(assembly, _files(assembly))}
    (assembly / RECORD).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def unchanged(assembly: Path, inputs: str) -> bool:
    """Whether the assembly was synthesized from these inputs and nobody changed its files since."""
    try:
        recorded = json.loads((assembly / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(recorded == {"inputs": inputs, "files": _contents(assembly, _files(assembly))})


def _files(assembly: Path) -> Iterable[Path]:
    """The files of an assembly, without its record and without the locks that the CDK CLI keeps there."""
    return [
        path
        for path in sorted(assembly.rglob("*"))
        if path.is_file() and path != assembly / RECORD and path.suffix != ".lock"
    ]


def _contents(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
