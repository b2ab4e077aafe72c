"""The templates of every stage, as they are synthesized."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Template

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
SUFFIX = ".template.json"


@pytest.fixture(scope="session")
def templates(synthesized: Callable[[str], Path]) -> Callable[[str], dict[str, Template]]:
    """The templates of a stage, by the id of their stack."""

    @cache
    def read(stage: str) -> dict[str, Template]:
        files = sorted(synthesized(stage).glob(f"*{SUFFIX}"))
        return {
            file.name.removesuffix(SUFFIX): Template.from_string(file.read_text(encoding="utf-8")) for file in files
        }

    return read
