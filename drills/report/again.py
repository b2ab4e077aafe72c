"""A report that is drawn again from the history in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.history.derived import result_of
from drills.history.history import FILE, read_history
from drills.report import build_report, print_summary, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


def draw_again(folder: Path, console: Console) -> int:
    """Write the report of a folder's history beside it; return 0, or 1 when something failed or is unknown.

    Nothing else is read, so it is the same report on any machine. Raises WrongInputError without a history.
    """
    report = build_report(result_of(read_history(folder / FILE)))
    write_report(report, folder)
    print_summary(report, folder, console)
    return 0 if report["passed"] else 1
