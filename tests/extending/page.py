"""What docs/extending.md says, taken from it word by word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
ROOMS = (
    *("contract", "stacks", "constructs", "runtime", "emulator", "operations", "drills", "command", "costs"),
    *("examples", "benchmarks", "scripts"),
)


def blocks(language: str) -> list[str]:
    """The page's blocks of code in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def files() -> dict[str, str]:
    """The page's files of Python, by the path in their first line."""
    return {block.partition("\n")[0].removeprefix("# "): block.partition("\n")[2] for block in blocks("python")}


def copied(folder: Path, *rooms: str) -> Path:
    """Rooms of the checkout in a folder of their own."""
    for room in rooms:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder
