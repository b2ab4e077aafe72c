"""`tandem report`: a drill's report, drawn again from its history."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from drills.report.again import draw_again


def report(folder: Annotated[Path, Parameter(help="a drill's folder, with its history.jsonl")], /) -> int:
    """Draw it. This reads a folder and needs neither a stage nor AWS."""
    return draw_again(folder, Console())
