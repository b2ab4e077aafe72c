"""What `pip install .` installs is the operator's command, complete with no more than what pyproject.toml declares."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.functions import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MANIFEST = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = MANIFEST["project"]
PACKAGES = [Path(path).name for path in MANIFEST["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
LISTS = {"dependencies": "project", "drill": "project", "emulator": "emulator"}
"""The lock that each list of pyproject.toml is tested with."""
START = "import sys; sys.path[:0] = {paths!r}; from {module} import {function} as main; sys.exit(main(sys.argv[1:]))"


def declared(name: str) -> list[Requirement]:
    texts = PROJECT["dependencies"] if name == "dependencies" else PROJECT["optional-dependencies"][name]
    return [Requirement(text) for text in texts]


def closure(requirements: list[Requirement]) -> Iterator[str]:
    """The distributions that the requirements bring, each once."""
    waiting, seen = [requirement.name for requirement in requirements], set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        yield name
        for text in distribution(name).requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the declared dependencies install, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("libraries")
    for name in closure(declared("dependencies")):
        installed = distribution(name)
        tops = {file.parts[0] for file in installed.files or [] if file.parts[0] not in {"..", "__pycache__"}}
        for top in tops:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(installed.locate_file(top))))
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    built = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-800:]
    [file] = folder.glob("*.whl")
    assert file.name.startswith(f"tandem-{PROJECT['version']}-")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def tandem(wheel: Path, libraries: Path, folder: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    """Run the wheel's command in `folder`; `-S` and `-I` hide this checkout and what else is installed in it."""
    [entry] = (wheel / f"tandem-{PROJECT['version']}.dist-info" / "entry_points.txt").read_text().split("\n", 1)[1:]
    module, function = entry.partition(" = ")[2].strip().split(":")
    code = START.format(paths=[str(wheel), str(libraries)], module=module, function=function)
    command = [sys.executable, "-S", "-I", "-c", code, *typed]
    variables = environment() | {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_the_wheel_is_typed_licensed_and_knows_the_stages_of_the_checkout(wheel: Path) -> None:
    assert {path.parent.name for path in wheel.rglob("py.typed")} == set(PACKAGES)
    stages = {path.name: path.read_bytes() for path in (wheel / "operations" / "settings").iterdir()}
    assert stages == {path.name: path.read_bytes() for path in (ROOT / "settings").iterdir()}
    metadata = (wheel / f"tandem-{PROJECT['version']}.dist-info" / "METADATA").read_text(encoding="utf-8")
    assert "License-Expression: Apache-2.0" in metadata
    assert set(re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE)) == {"drill", "emulator"}


def test_the_installed_command_says_its_version(wheel: Path, libraries: Path, tmp_path: Path) -> None:
    said = tandem(wheel, libraries, tmp_path, "--version")
    assert (said.stdout, said.stderr, said.returncode) == (f"tandem {PROJECT['version']}\n", "", 0)


def test_the_installed_command_looks_at_a_stage_by_its_settings_and_says_that_nobody_answers(
    wheel: Path, libraries: Path, tmp_path: Path
) -> None:
    looked = tandem(wheel, libraries, tmp_path, "status", "--stage", "prod", "--endpoint-url", "http://127.0.0.1:1")
    assert looked.returncode == 1, looked.stderr
    assert "Traceback" not in looked.stderr
    assert "us-west-2" in looked.stdout + looked.stderr


def test_the_installed_command_says_that_a_drill_needs_the_checkout(
    wheel: Path, libraries: Path, tmp_path: Path
) -> None:
    refused = tandem(wheel, libraries, tmp_path, "drill")
    assert refused.returncode == 2
    [line] = refused.stderr.splitlines()
    assert "run it in a checkout" in line


@pytest.mark.parametrize("name", LISTS)
def test_what_is_declared_takes_the_versions_that_are_locked(name: str) -> None:
    text = (ROOT / "requirements" / f"{LISTS[name]}.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE))
    for requirement in declared(name):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement
