"""What more than one room must agree on stands in `contract/` alone: no other room's Python spells it again."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("stacks", "constructs/tandem", "runtime/tandem_runtime", "operations", "drills", "command", "emulator"),
    *("benchmarks", "scripts", "app.py"),
)
MODULES = sorted(file.stem for file in (ROOT / "contract").glob("*.py") if file.stem != "__init__")

COMMON: dict[str | float, str] = {
    4: "a count of many things",
    32: "a count of many things",
    60: "the seconds of a minute",
    "ledger": "what a report, a message and a check call the ledger, which is not its database",
    "quarantine": "a command of `tandem`",
    "recorded_at": "also a field of the API's answers",
    "region": "a word of nearly every call to AWS",
    "role": "a word of the sweeper's answer, and of a state that `tandem status` prints",
    "service": "a word of log lines and of signatures",
    "stage": "a word of API Gateway and of the command's options",
    "topology": "a key of the settings files",
}
"""Words and small numbers that stand for something else too, each with what else they stand for."""

ELSEWHERE: dict[tuple[str, str | float], str] = {
    ("constructs/tandem/runbook.py", "Conflicts"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "ConcurrencyShortfall"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "ProjectorDemand"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "Quarantined"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "QuarantineHeld"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "PlanNeedsAction"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "VersionsDiffer"): "an alarm's name, which is also that of its metric",
    ("constructs/tandem/runbook.py", "RecoveryDoubt"): "an alarm's name, which is also that of its metric",
    ("drills/verification/run.py", 1800.0): "how long a stage that was just deployed may take until its canary answers",
    ("drills/evidence/runs.py", "latest"): "the link that leads to the last drill's folder",
    ("emulator/aurora/databases.py", 5432): "the port that AWS gives a cluster whose creation names none",
}
"""Files that mean something else by a value, with what they mean."""

SPELLED = re.compile(r"/?tandem[-/]")
"""How a physical name begins, or the name of a parameter."""

NO_NAMES = {"tandem-bench-": "the prefix of a temporary folder"}

ARN = re.compile(r"\barn:(aws\b|$)")
"""How an ARN begins whose partition is spelled, or follows as another part of an f-string."""

NO_ARNS = {
    ("emulator/iam/authorized_resources.py", "arn:"): "asks whether a caller named a resource by its ARN",
}


def constants() -> Iterator[tuple[str, str | float]]:
    """Every public constant of `contract/` that is a text or a number, by its full name."""
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"contract.{module}")).items():
            if name.isupper() and not name.startswith("_") and _is_literal(value):
                yield f"contract.{module}.{name}", value


def _is_literal(value: object) -> TypeGuard[str | float]:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def literals(room: str) -> Iterator[tuple[str, int, str | float]]:
    """Every text and number in a room's Python, with file and line; the fixed parts of an f-string are texts too."""
    path = ROOT / room
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and _is_literal(node.value):
                yield file.relative_to(ROOT).as_posix(), node.lineno, node.value


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_spells_what_the_contract_says(room: str) -> None:
    agreed = {value: name for name, value in constants() if value not in COMMON}
    assert len(agreed) > 30
    again = [
        f"{file}:{line}: {value!r} is {agreed[value]}"
        for file, line, value in literals(room)
        if value in agreed and (file, value) not in ELSEWHERE
    ]
    assert again == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_spells_a_physical_name(room: str) -> None:
    spelled = [
        f"{file}:{line}: {value!r}"
        for file, line, value in literals(room)
        if isinstance(value, str) and SPELLED.match(value) and value not in NO_NAMES
    ]
    assert spelled == []


@pytest.mark.parametrize("room", [*ROOMS, "costs"])
def test_no_room_spells_how_an_arn_begins(room: str) -> None:
    spelled = [
        f"{file}:{line}: {value!r}: build it with contract.names.arn"
        for file, line, value in literals(room)
        if isinstance(value, str) and ARN.search(value) and (file, value) not in NO_ARNS
    ]
    assert spelled == []


def test_every_exception_is_needed() -> None:
    agreed = {value for _, value in constants()}
    standing = {(file, value) for room in ROOMS for file, _, value in literals(room)}
    everywhere = {value for _, value in standing}
    assert COMMON.keys() - (agreed & everywhere) == set()
    assert ELSEWHERE.keys() - standing == set()
    assert {value for _, value in ELSEWHERE} - agreed == set()
    assert NO_NAMES.keys() - everywhere == set()
    assert NO_ARNS.keys() - standing == set()


def test_the_contract_needs_the_standard_library_only() -> None:
    for module in MODULES:
        tree = ast.parse((ROOT / "contract" / f"{module}.py").read_text(encoding="utf-8"))
        names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert {name.partition(".")[0] for name in names} - {*sys.stdlib_module_names, "contract"} == set()
