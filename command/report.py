"""`tandem report`: a drill's report, drawn again from its history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from command.arguments import STATUSES
from drills.report.again import draw_again

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from command.arguments import Commands


def add_report(commands: Commands) -> None:
    """Add the command. It reads a folder and needs neither a stage nor AWS."""
    text = "draw a drill's report again from its history alone"
    command = commands.add_parser("report", help=text, description=text, epilog=STATUSES)
    command.set_defaults(run_alone=_report)
    command.add_argument("folder", type=Path, metavar="FOLDER", help="a drill's folder, with its history.jsonl")


def _report(arguments: argparse.Namespace, console: Console) -> int:
    return draw_again(arguments.folder, console)
