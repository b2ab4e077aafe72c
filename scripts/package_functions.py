"""Build one self-contained package per Lambda function under build/functions/, from the pinned requirements.

A package holds the modules that its function's handler reaches by imports, and no others.

Run from the checkout's root with `UV` naming the uv to install with; synthesis then needs no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import grimp

from scripts.slim_driver import slim

ROOMS = {"contract": Path("contract"), "tandem_runtime": Path("runtime/tandem_runtime")}
"""The folders of the packages that a function may import, by the name that they are imported by."""

OUTPUT = Path("build/functions")
UNCHANGING = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
REQUIREMENTS = Path("requirements/functions.txt")
SDK = frozenset({"boto3", "botocore"})
"""Packages that Lambda's own runtime brings, so that no function carries them."""

# top-level names of what a library needs of what the requirements install
LIBRARIES: dict[str, tuple[str, ...]] = {
    "pg8000": ("pg8000", "pg8000-*.dist-info"),
}
SLIMMED = {"pg8000": slim}
"""What takes out of a library what no function uses of it."""


def install_libraries(target: Path) -> None:
    """Install the pinned libraries once; fails on anything that is not pure Python."""
    uv = os.environ.get("UV", "uv")
    command = [uv, "pip", "install", "--quiet", "--target", str(target), "--no-deps", "--link-mode", "copy"]
    subprocess.run([*command, "--requirement", str(REQUIREMENTS)], check=True)  # noqa: S603 - our own arguments
    compiled = sorted(path.name for path in target.rglob("*.so"))
    if compiled:
        sys.exit(
            f"compiled libraries found: {', '.join(compiled)}: the functions run on arm64 and carry pure Python only"
        )


def functions() -> list[str]:
    """Return the names of the functions. Each function is a package of the runtime that has a handler."""
    return sorted(file.parent.name for file in ROOMS["tandem_runtime"].glob("*/handler.py"))


def imports() -> grimp.ImportGraph:
    """Return who imports whom when it runs, at the top of a module or within a function."""
    return grimp.build_graph(*ROOMS, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)


def closure(graph: grimp.ImportGraph, name: str) -> tuple[set[str], set[str]]:
    """The modules of ours that a function's handler reaches, with the packages they lie in, and what else it imports.

    What is neither ours nor the standard library's is returned second, by its top-level name.
    """
    handler = f"tandem_runtime.{name}.handler"
    ours: set[str] = set()
    others: set[str] = set()
    for module in {handler, *graph.find_upstream_modules(handler)}:
        room = module.partition(".")[0]
        if room in ROOMS:
            parts = module.split(".")
            ours |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        elif room not in sys.stdlib_module_names:
            others.add(room)
    return ours, others


def files_of(module: str) -> list[tuple[Path, Path]]:
    """Return a module's files and where they lie in a package: its text, and the data beside it that the text names."""
    room, *parts = module.split(".")
    path = ROOMS[room].joinpath(*parts)
    text = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    named = text.read_text(encoding="utf-8")
    beside = [each for each in text.parent.iterdir() if each.suffix != ".py" and f'"{each.name}"' in named]
    data = [file for each in beside for file in (each.rglob("*") if each.is_dir() else [each]) if file.is_file()]
    return [(file, room / file.relative_to(ROOMS[room])) for file in (text, *data)]


def package(name: str, graph: grimp.ImportGraph, libraries: Path) -> None:
    """Build one function's folder, and the archive that is deployed."""
    modules, imported = closure(graph, name)
    if unknown := imported - SDK - LIBRARIES.keys():
        sys.exit(f"{name} imports {', '.join(sorted(unknown))}: add it to LIBRARIES, with what it needs itself")
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    for module in sorted(modules):
        for source, place in files_of(module):
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    for library in sorted(imported & LIBRARIES.keys()):
        for pattern in LIBRARIES[library]:
            for source in libraries.glob(pattern):
                shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        SLIMMED[library](folder / library)
    archive(folder)


def archive(folder: Path) -> None:
    """Write the folder's zip, with the same bytes for the same content. CDK hashes and uploads this one file."""
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as target:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), UNCHANGING)
            entry.external_attr = READABLE  # Lambda runs as another user than its owner
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Package every function."""
    libraries = Path("build/libraries")
    shutil.rmtree(libraries, ignore_errors=True)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    install_libraries(libraries)
    graph = imports()
    for name in functions():
        package(name, graph, libraries)


if __name__ == "__main__":
    main()
