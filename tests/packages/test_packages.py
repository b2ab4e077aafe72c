"""What each function carries is what it uses: all of it, and nothing else. Nothing outside its folder helps it here."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "build" / "functions"
OURS = ("contract", "tandem_runtime")
NAMES = sorted(folder.name for folder in FUNCTIONS.iterdir() if folder.is_dir())
LOAD_EVERYTHING = """
import ast, json, pathlib, sys
folder = pathlib.Path({folder!r})
sys.path.insert(0, str(folder))
import tandem_runtime.{name}.handler
reached = set()
ours = {ours!r}
waiting = [name for name in sys.modules if name.partition(".")[0] in ours]
while waiting:
    name = waiting.pop()
    if name in reached:
        continue
    reached.add(name)
    __import__(name)
    for node in ast.walk(ast.parse(pathlib.Path(sys.modules[name].__file__).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in ours:
            for each in (node.module, *(f"{{node.module}}.{{alias.name}}" for alias in node.names)):
                file = folder / each.replace(".", "/")
                if file.with_suffix(".py").exists() or file.is_dir():
                    waiting.append(each)
files = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
inside = [pathlib.Path(file).relative_to(folder) for file in files if file.startswith(str(folder))]
print(json.dumps(sorted({{str(file) for file in inside}})))
"""
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "TANDEM_STAGE": "test",
    "TANDEM_REGION_ROLE": "primary",
    "TANDEM_JOURNAL_TABLE": "journal",
    "TANDEM_OPERATIONAL_TABLE": "operational",
}
SDK = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")
"""What Lambda's own runtime brings, and only that."""


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdk")
    for name in SDK:
        found = importlib.util.find_spec(name)
        assert found
        assert found.origin
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        (folder / source.name).symlink_to(source)
    return folder


def used(name: str, sdk: Path) -> set[Path]:
    """The files of the package that are loaded with everything its handler can reach; `-S` hides what is installed."""
    code = LOAD_EVERYTHING.format(folder=str(FUNCTIONS / name), name=name, ours=OURS)
    finished = subprocess.run(
        [sys.executable, "-S", "-B", "-c", code],
        env=ENVIRONMENT | {"PYTHONPATH": str(sdk)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-800:]
    return {Path(file) for file in json.loads(finished.stdout)}


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_all_that_its_function_loads_and_no_library_or_module_besides(name: str, sdk: Path) -> None:
    loaded = used(name, sdk)
    held = {file.relative_to(FUNCTIONS / name) for file in (FUNCTIONS / name).rglob("*.py")}
    assert {file for file in held if file.parts[0] in OURS} == {file for file in loaded if file.parts[0] in OURS}
    libraries = {file.parts[0] for file in held} - set(OURS)
    assert libraries == {file.parts[0] for file in loaded} - set(OURS)


@pytest.mark.parametrize("name", NAMES)
def test_the_archive_that_is_deployed_holds_the_folder_and_nothing_that_changes_by_itself(name: str) -> None:
    folder = FUNCTIONS / name
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(folder.with_suffix(".zip")) as archive:
        entries = archive.infolist()
        assert {entry.filename: archive.read(entry) for entry in entries} == {
            name: path.read_bytes() for name, path in files.items()
        }
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}, "Lambda reads it as another user"
    assert [folder / entry.filename for entry in entries] == sorted(files.values())
