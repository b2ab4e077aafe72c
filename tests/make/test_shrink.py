"""What setup installs is made smaller without changing what any program reads, and a drill's part of it suffices."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from scripts.shrink import NOT_READ, link_equal_files, remove_what_is_not_read
from tests.packages.test_wheel import closure, declared

ROOT = Path(__file__).parents[2]
BIG, SMALL = "x" * 5000, "x"


@pytest.fixture
def environments(tmp_path: Path) -> tuple[Path, Path]:
    """Two environments that each hold an equal big file, an equal small one, one of its own and what nobody reads."""
    made = tmp_path / "one", tmp_path / "other"
    for environment in made:
        libraries = environment / "lib" / "python3.11" / "site-packages"
        libraries.mkdir(parents=True)
        (libraries / "equal.py").write_text(BIG)
        (libraries / "small.py").write_text(SMALL)
        (libraries / "own.py").write_text(environment.name.ljust(5000))
        for name in NOT_READ:
            (libraries / name).mkdir(parents=True)
            (libraries / name / "file").write_text(BIG)
    return made


def installed(environment: Path, name: str) -> Path:
    return environment / "lib" / "python3.11" / "site-packages" / name


def test_an_equal_file_of_both_environments_takes_its_room_once(environments: tuple[Path, Path]) -> None:
    one, other = environments
    for _ in range(2):
        link_equal_files(environments)
        assert installed(one, "equal.py").samefile(installed(other, "equal.py"))
    assert installed(other, "equal.py").read_text() == BIG
    assert not installed(one, "small.py").samefile(installed(other, "small.py"))
    assert [installed(each, "own.py").read_text().strip() for each in environments] == ["one", "other"]
    assert {path.name for path in installed(other, "").glob("*.py")} == {"equal.py", "small.py", "own.py"}


def test_equal_bytes_that_may_not_both_be_run_stay_apart(environments: tuple[Path, Path]) -> None:
    one, other = environments
    installed(other, "equal.py").chmod(0o755)
    link_equal_files(environments)
    assert not installed(one, "equal.py").samefile(installed(other, "equal.py"))


def test_what_no_program_reads_is_removed_and_nothing_else(environments: tuple[Path, Path], tmp_path: Path) -> None:
    modules = tmp_path / "node_modules" / "package"
    modules.mkdir(parents=True)
    for name in ("index.js", "index.d.ts", "index.js.map"):
        (modules / name).write_text(SMALL)
    remove_what_is_not_read(environments, modules.parent)
    assert [path.name for path in modules.iterdir()] == ["index.js"]
    for environment in environments:
        assert not [name for name in NOT_READ if installed(environment, name).exists()]
        assert installed(environment, "equal.py").exists()


def test_what_a_drill_and_a_deployment_import_is_declared_for_them() -> None:
    rooms = ("contract", "stacks", "constructs/tandem", "operations", "drills", "command", "costs")
    files = [ROOT / "app.py", *(file for room in rooms for file in (ROOT / room).rglob("*.py"))]
    installs = {canonicalize_name(name) for name in closure([*declared("dependencies"), *declared("drill")])}
    tops = packages_distributions()
    undeclared = {
        f"{file.relative_to(ROOT)} imports {top}"
        for file in files
        for top in run_time_imports(ast.parse(file.read_text(encoding="utf-8")))
        if top not in sys.stdlib_module_names
        and (names := {canonicalize_name(name) for name in tops.get(top, ())} - {"tandem"})
        and not names & installs
    }
    assert undeclared == set(), "declare it in pyproject.toml: a drill installs no more than what stands there"


def run_time_imports(tree: ast.AST) -> set[str]:
    """The top-level names that a module imports when it runs, at its top or in a function."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        else:
            found |= run_time_imports(node)
    return found
