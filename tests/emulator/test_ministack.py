"""One module touches MiniStack, and a MiniStack that lacks a name is told in one line before anything is served."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from contract.ports import free_port
from emulator import ministack
from emulator.ministack_name import Attribute, Key, Name
from emulator.program.installation import refuse_another_ministack
from emulator.program.state_folder import RefusedError
from emulator.program.steps import STEPS
from tests.emulator.running import ROOT, state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EMULATOR = ROOT / "emulator"
ONLY = (EMULATOR / "ministack.py", EMULATOR / "ministack_name.py")
"""The names, and how one is reached."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(EMULATOR.rglob("*.py")):
        if file not in ONLY:
            yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


def _touches(node: ast.AST) -> str:  # noqa: PLR0911 - one return for each way
    """What a node does to MiniStack by another way than a name's own methods; empty where it does nothing."""
    match node:
        case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] == "ministack":
            return f"imports from {module}"
        case ast.Import(names=names) if any(each.name.partition(".")[0] == "ministack" for each in names):
            return "imports ministack"
        case ast.Constant(value=str(text)) if text == "ministack" or text.startswith("ministack."):
            return f"names the module {text!r}"
        case ast.Call(func=ast.Name(id="setattr" | "delattr" as function)):
            return f"calls {function}"
        case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()) if "ministack." in ast.unparse(value):
            return f"sets {ast.unparse(node)}"
        case ast.Attribute(value=value, attr="owner") if ast.unparse(value).startswith("ministack."):
            return f"reaches {ast.unparse(node)}"
    return ""


@pytest.mark.parametrize(
    "code",
    [
        "from ministack.services import rds",
        "import ministack.app as server",
        "importlib.import_module('ministack.core.router')",
        "setattr(module, 'name', None)",
        "ministack.RDS_ACTIONS.value.name = None",
        "ministack.RDS_ACTIONS.owner._clusters",
    ],
)
def test_every_other_way_to_touch_ministack_is_seen(code: str) -> None:
    assert any(_touches(node) for node in ast.walk(ast.parse(code)))


def test_no_other_module_of_the_emulator_touches_ministack() -> None:
    trees = list(_trees())
    assert len(trees) > 40
    assert [f"{file}:{each}" for file, tree in trees for node in ast.walk(tree) if (each := _touches(node))] == []


def test_every_name_is_used_and_says_what_for() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in EMULATOR.rglob("*.py"))
    known = {name: each for name, each in vars(ministack).items() if isinstance(each, Name)}
    assert [name for name in known if text.count(name) < 2] == []
    assert [name for name, each in known.items() if not each.why] == []
    assert len({each.path for each in known.values()}) == len(known)


def test_the_installed_ministack_has_every_name() -> None:
    assert ministack.missing() == []
    refuse_another_ministack()


@pytest.mark.parametrize(
    "name",
    [ministack.RDS_ACTIONS, ministack.WORKER_SPAWN, ministack.WORKER_INVOKE, ministack.LAMBDA_END_WORKERS_TOO],
    ids=lambda name: name.path,
)
def test_a_missing_name_is_told_in_one_line_with_the_version(
    name: Name[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(name.owner, name.path.replace(":", ".").rpartition(".")[2])
    if isinstance(name, Attribute):
        monkeypatch.setattr("inspect.getsource", lambda _: "")
    with pytest.raises(RefusedError) as raised:
        refuse_another_ministack()
    line = str(raised.value)
    assert "\n" not in line
    assert f"MiniStack {ministack.version()} lacks " in line
    assert name.path in line


def test_a_name_whose_module_or_class_or_key_is_gone_is_missing() -> None:
    for gone in (
        Name[object]("services.nowhere:name", "a module that is not there"),
        Name[object]("core.lambda_runtime:Nobody.name", "a class that is not there"),
        Attribute("core.lambda_runtime:Worker._nothing", "an attribute that is not there"),
        Key("services.rds:_no_such_key", "a key that is not there"),
    ):
        assert not gone.exists()


def test_the_program_ends_with_that_line_and_status_2() -> None:
    state = state_folder("missing-name")
    program = (
        "import runpy, sys\n"
        "from emulator import ministack\n"
        "from emulator.ministack_name import Name\n"
        "ministack.GONE = Name('services.rds:_gone', 'a name of another version')\n"
        f"sys.argv = ['emulator', '--state-dir', {str(state)!r}, '--port', '{free_port('')}']\n"
        "runpy.run_module('emulator', run_name='__main__')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"MiniStack {ministack.version()} lacks ministack.services.rds:_gone: ")
    assert not state.exists()


def test_steps_stand_after_those_that_they_need() -> None:
    order = [each.name for each in STEPS]
    assert len(set(order)) == len(order)
    assert [
        (each.name, needed) for index, each in enumerate(STEPS) for needed in each.after if needed not in order[:index]
    ] == []
    assert all(each.why for each in STEPS)
