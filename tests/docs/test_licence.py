"""Whoever finds the project may use it: the licence is there in full, and every manifest names it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
IDENTIFIER = "Apache-2.0"
"""The licence's name in SPDX's list, which both pyproject.toml and package.json take."""


def test_the_licence_stands_at_the_root_in_full() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", text)
    assert re.findall(r"^ {3}(\d)\. ", text, re.MULTILINE) == [str(number) for number in range(1, 10)]
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_manifest_names_the_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][""]
    assert (project["license"], project["license-files"]) == (IDENTIFIER, ["LICENSE"])
    assert (package["license"], lock["license"]) == (IDENTIFIER, IDENTIFIER)


def test_the_readme_names_the_licence() -> None:
    assert "[Apache License 2.0](LICENSE)" in (ROOT / "README.md").read_text(encoding="utf-8")
