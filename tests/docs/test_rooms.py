"""What the pages say of folders, targets and the screen of a drill is what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from drills.report.words import figures
from tests.docs import markdown
from tests.drills.recorded import region_loss, report

ROOT = Path(__file__).parents[2]
PACKAGES = {"tandem": "constructs/tandem/", "tandem_runtime": "runtime/tandem_runtime/"} | {
    name: f"{name}/"
    for name in (
        "contract",
        "stacks",
        "operations",
        "drills",
        "command",
        "costs",
        "emulator",
        "examples",
        "benchmarks",
        "scripts",
        "tests",
    )
}
"""Rooms of the checkout by the name that they are imported by."""


def rooms() -> dict[str, set[str]]:
    """Return what each room may import, as the architecture's table has it."""
    text = markdown.section(markdown.read(ROOT / "docs" / "architecture.md"), "Rooms")
    return {markdown.spans(folder)[0]: set(markdown.spans(allowed)) for folder, allowed in markdown.rows(text)}


def imported(folder: str) -> set[str]:
    """Return the names of the other rooms that a room's files import."""
    path = ROOT / folder
    found: set[str] = set()
    for file in path.rglob("*.py") if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
    return {name for name in found & PACKAGES.keys() if PACKAGES[name] != folder}


@pytest.mark.parametrize("folder", ["app.py", *(folder for folder in PACKAGES.values() if folder != "tests/")])
def test_each_room_imports_the_rooms_that_the_architecture_names(folder: str) -> None:
    assert imported(folder) == rooms()[folder]


def test_every_package_of_the_checkout_is_a_room_with_a_row_in_both_tables() -> None:
    packages = {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")} | set(PACKAGES.values())
    page = markdown.read(ROOT / "docs" / "architecture.md")
    rows = markdown.rows(markdown.section(page, "Where things are"))
    listed = {span for cells in rows for span in markdown.spans(cells[0])}
    assert packages == set(PACKAGES.values())
    assert packages - listed == set()
    assert rooms().keys() == (packages | {"app.py"}) - {"tests/"}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_target_that_a_page_names_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = markdown.read(ROOT / page)
    typed = [re.match(r"(?:[A-Z]+=\S+ )?make ([a-z-]+)", code) for code in markdown.spans(text) + markdown.blocks(text)]
    assert {match[1] for match in typed if match} - targets == set()


def test_the_screen_in_the_readme_has_every_figure_of_a_drill() -> None:
    lines = markdown.blocks(markdown.read(ROOT / "README.md"))
    rows = [match[1] for line in lines if (match := re.match(r"│ (.{40}) │", line))]
    shown = " ".join(" ".join(rows).split())
    assert shown == " ".join(row.name for row in figures(report(region_loss())))
