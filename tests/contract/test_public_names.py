"""`__all__` says what others may use of a library: the constructs, and packages that pass other modules' names on."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "constructs" / "tandem"
OTHERS = (
    *("contract", "stacks", "runtime", "operations", "drills", "command", "emulator"),
    *("costs", "benchmarks", "scripts"),
)


def exported(file: Path) -> list[str] | None:
    """What a module's `__all__` names, None without one."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def imported(importer: Path) -> set[tuple[str, str]]:
    """The names that a module takes from modules of the library, each with its module."""
    return {
        (node.module, alias.name)
        for node in ast.walk(ast.parse(importer.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tandem.")
        for alias in node.names
    }


def test_what_is_imported_of_a_construct_is_public() -> None:
    importers = [*ROOT.glob("stacks/**/*.py"), *ROOT.glob("constructs/**/*.py"), *ROOT.glob("tests/templates/*.py")]
    names = {name for importer in importers for name in imported(importer)}
    assert len(names) > 30
    hidden = []
    for module, name in sorted(names):
        file = LIBRARY.joinpath(*module.split(".")[1:]).with_suffix(".py")
        public = exported(file) if file.is_file() else None
        if public is not None and name not in public:
            hidden.append(f"{module}.{name}")
    assert hidden == []


def test_other_rooms_have_public_names_only_where_a_package_passes_them_on() -> None:
    kept_by_hand = [
        str(file.relative_to(ROOT))
        for room in OTHERS
        for file in (ROOT / room).rglob("*.py")
        if file.name != "__init__.py" and exported(file) is not None
    ]
    assert kept_by_hand == []
