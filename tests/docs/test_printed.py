"""What the runbook shows as printed is what the code prints now: words that it no longer says make a page stale.

The blocks are filled by `make night` from a run. The values in them are of that run; everything between is the code's.
"""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from command.cli import application
from command.status_table import ROWS
from drills import runbook_steps
from drills.night import PAGE, STEPS
from drills.runbook_pages import LEFT_OUT, MARKS, cut, fill
from operations.errors import OperationError

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in PAGE.parent.glob("*.md") if path.stem not in {"README", "night"})
KEYS = {step.key for step in (*STEPS, *runbook_steps.STEPS) if step.command}
ROOMS = ("command", "operations", "contract", "runtime", "constructs", "drills")
VALUES = re.compile(
    r"arn:aws:[\w:/*.-]+|\b(?:us|eu|ap)-[a-z]+-\d\b|\btransaction#[\w-]+|\b[0-9a-f]{12,}\b|\b\d[\d:.T+-]*(?:Z| UTC)?\b"
    r"|\b[A-Za-z0-9+/]{12}\b(?=\s|$)|\bstaging\b|\bthe embedded AWS\b|tandem-[\w-]+"
)
"""What differs from one run to the next."""
LEAST = 4
"""Letters that a piece of the code's text, or a word of a line, has at least to count: shorter ones are everywhere."""
SHARE = 0.9


@cache
def said_by_the_code() -> tuple[str, ...]:
    """Every piece of text in the code that prints, without docstrings; fields are what `--json` prints."""
    pieces: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for text in texts_of(ast.parse(path.read_text(encoding="utf-8"))):
                pieces |= {piece.strip() for piece in VALUES.sub("\n", text).split("\n") if len(piece.strip()) >= LEAST}
    return tuple(sorted(pieces, key=len, reverse=True))


def texts_of(tree: ast.Module) -> set[str]:
    """The texts and the fields of a module, without what stands alone: docstrings."""
    texts, alone, fields = set[str](), set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            alone.add(str(node.value.value))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            fields.add(node.target.id)
    return texts - alone | fields


def unsaid(line: str) -> str:
    """What is left of a line without values, and without what the code says."""
    left = VALUES.sub("\n", line)
    for piece in said_by_the_code():
        if piece in left:
            left = left.replace(piece, "\n")
    return "".join(words_of(left))


def words_of(line: str) -> list[str]:
    return [word for word in re.findall(r"[A-Za-z]+", line) if len(word) >= LEAST]


def blocks(path: Path) -> list[re.Match[str]]:
    return list(MARKS.finditer(path.read_text(encoding="utf-8")))


def printed(match: re.Match[str]) -> list[str]:
    return [line.removeprefix("    ") for line in match["block"].splitlines() if line.startswith("    ")]


ALL = [pytest.param(match, id=f"{path.stem}: {match['key']}") for path in PAGES for match in blocks(path)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_command_that_a_page_has_one_type_is_followed_by_what_it_prints(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    outside = MARKS.sub(lambda match: f"<{match['key']}>\n", text)
    for section in outside.split("\n## "):
        typed = re.findall(r"^ {4}tandem ([\w-]+)", section, re.MULTILINE)
        shown = re.findall(r"^<[^\n]*: tandem ([\w-]+)", section, re.MULTILINE)
        assert typed == shown


@pytest.mark.parametrize("match", ALL)
def test_what_is_shown_comes_from_a_step_of_the_run_and_was_filled_by_it(match: re.Match[str]) -> None:
    assert match["key"] in KEYS
    command, first, *_ = printed(match)
    typed = command.removeprefix("$ ")
    assert typed.replace(" --stage staging", "") == match["key"].partition(": ")[2]
    assert first
    application().parse_args(shlex.split(typed)[1:], print_error=False, exit_on_error=False)


@pytest.mark.parametrize("match", ALL)
def test_every_line_that_is_shown_is_in_the_words_that_the_code_prints_now(match: re.Match[str]) -> None:
    for line in printed(match)[1:]:
        if line == LEFT_OUT.strip():
            continue
        words = "".join(words_of(VALUES.sub("\n", line)))
        left = unsaid(line)
        assert len(left) <= (1 - SHARE) * len(words), f"nothing prints {left!r} of {line!r}: make night"


def test_the_night_is_in_the_words_that_the_code_prints_now() -> None:
    lines = re.findall(r"^ {4}(?!\$ )(.*\S.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    stale = [line for line in lines if len(unsaid(line)) > (1 - SHARE) * len("".join(words_of(VALUES.sub("\n", line))))]
    assert [line for line in stale if not line.startswith("unknown  API Gateway quota")] == [], "make night"


@pytest.mark.parametrize("match", [each for each in ALL if ": tandem status" in str(each.id)])
def test_a_status_shows_the_rows_that_the_command_has_now_and_each_that_the_mark_names(match: re.Match[str]) -> None:
    names = [name for name, _ in ROWS]
    lines = printed(match)[2:]
    if match["rows"] is None:
        assert [name for name in names if any(line.startswith(f"{name}  ") for line in lines)] == names
        return
    for row in match["rows"].split("; "):
        assert any(line.startswith((f"{row}  ", f"{row}:", f"{row} in")) for line in lines), f"no row {row!r}"


def test_a_word_that_the_code_does_not_say_makes_a_line_stale() -> None:
    assert unsaid("primary lost for 3 min, traffic moved, ledger not: tandem failover --stage staging") == ""
    assert "vanished" in unsaid("primary vanished for 3 min, traffic moved")


def test_a_page_that_asks_for_what_no_step_prints_is_refused() -> None:
    mark = "<!-- printed: nobody: tandem status -->\n<!-- end of printed -->\n"
    with pytest.raises(OperationError, match="no step does that"):
        fill(mark, {})


def test_rows_are_kept_by_their_names_and_what_is_left_out_is_marked() -> None:
    lines = ["    $ tandem x", "    healthy", "    writes   yes", "    passed   code the same  both"]
    assert cut(lines, ["code the same"]) == [*lines[:2], lines[3], LEFT_OUT]
    mark = "<!-- printed: a: tandem x [writes] -->\nold\n<!-- end of printed -->\n"
    filled = fill(mark, {"a: tandem x": lines})
    assert "    writes   yes\n    …\n" in filled
    assert fill(filled, {"a: tandem x": lines}) == filled
