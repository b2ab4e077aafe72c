"""The runbook's pages show what their commands print, between two marks: filled from a run, and by nobody's hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MARKS = re.compile(
    r"<!-- printed: (?P<key>[^\[\n]+?)(?: \[(?P<rows>[^\]\n]+)\])? -->\n(?P<block>.*?)<!-- end of printed -->\n",
    re.DOTALL,
)
"""The marks name a step by its key, and in brackets the rows of its output that the page is about."""
LEFT_OUT = "    …"


def fill_pages(folder: Path, printed: Mapping[str, Sequence[str]]) -> None:
    """Write what was printed into every page that asks for it; raises OperationError for a step that was not done."""
    for page in sorted(folder.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        page.write_text(fill(text, printed), encoding="utf-8")


def fill(text: str, printed: Mapping[str, Sequence[str]]) -> str:
    """Return the page with what was printed between its marks."""

    def block(match: re.Match[str]) -> str:
        key, rows = match["key"], match["rows"]
        if key not in printed:
            raise OperationError(
                f"a page shows what {key!r} printed, and no step does that: see drills/runbook_steps.py"
            )
        lines = cut(printed[key], rows.split("; ")) if rows else list(printed[key])
        mark = f"<!-- printed: {key}{f' [{rows}]' if rows else ''} -->"
        return "\n".join([mark, "", *lines, "", "<!-- end of printed -->", ""])

    return MARKS.sub(block, text)


def cut(lines: Sequence[str], rows: Iterable[str]) -> list[str]:
    """Return the command, the first line that it printed, and its rows of these names; some are left out."""
    first, rest = list(lines[:2]), lines[2:]
    named = ("Region  ", *rows)  # the head of the columns stays
    kept = [line for line in rest if _name_of(line).startswith(named)]
    return [*first, *kept, LEFT_OUT]


def _name_of(line: str) -> str:
    """What a row begins with, without the outcome that a preflight puts before it."""
    return re.sub(r"^(?:failed|unknown|passed) +", "", line.strip())
