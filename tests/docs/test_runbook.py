"""The pages for alarms say everything that a woken person needs, and the commands in them parse."""

from __future__ import annotations

import shlex
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from command.cli import application
from tandem.runbook import FOLDER, PAGES
from tests.docs import markdown

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for path in (ROOT / FOLDER).glob("*.md") if path.stem in PAGES)
OTHERS = {"README", "night"}
"""The list of the pages, and a transcript."""
SITUATIONS = sorted(path for path in (ROOT / FOLDER).glob("*.md") if path.stem not in {*PAGES, *OTHERS})
ALWAYS = (
    "Look at",
    "Type",
    "How long",
    "It worked when",
    "If a step fails",
    "Undo",
    "When not to",
)
"""What every page says, in this order, after its alarms."""


def headings(path: Path) -> list[str]:
    return markdown.headings(markdown.read(path), level=2)


def commands(start: str) -> list[str]:
    """Return every command of the pages that begins so, in a block or between backticks, but for one on its help."""
    pages = [*sorted((ROOT / FOLDER).glob("*.md")), ROOT / "docs" / "runbook.md"]
    texts = [markdown.read(page) for page in pages]
    typed = [code for text in texts for code in markdown.blocks(text) + markdown.spans(text)]
    asked = [code for code in typed if code.startswith(f"{start} ") and "--help" not in code]
    return sorted({code.partition("  #")[0].strip() for code in asked})


def test_each_page_that_is_linked_is_there() -> None:
    assert {path.stem for path in FILES} == set(PAGES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_page_has_a_section_for_each_of_its_alarms_and_then_all_that_a_woken_person_needs(path: Path) -> None:
    assert headings(path) == [*PAGES[path.stem], *ALWAYS]


@pytest.mark.parametrize("path", SITUATIONS, ids=lambda path: path.stem)
def test_a_page_for_a_situation_without_an_alarm_has_all_that_a_woken_person_needs(path: Path) -> None:
    assert headings(path) == list(ALWAYS)
    assert path.name in markdown.links(markdown.read(path.parent / "README.md"))


@pytest.mark.parametrize("command", commands("tandem"))
def test_every_tandem_command_of_the_runbook_parses(command: str) -> None:
    words = shlex.split(command)[1:]
    if "--stage" not in words and words[0] not in {"report", "evidence", "campaign", "drill"}:
        words += ["--stage", "prod"]  # in a sentence the stage is understood
    application().parse_args(words)


@pytest.mark.parametrize("command", commands("aws"))
def test_every_aws_command_of_the_runbook_names_an_operation_that_there_is(command: str) -> None:
    _, service, operation, *_ = shlex.split(command)
    if (service, operation) == ("logs", "tail"):
        return  # the CLI's own, made of FilterLogEvents
    model = botocore.session.Session().get_service_model(service)
    assert operation in {xform_name(name, "-") for name in model.operation_names}
