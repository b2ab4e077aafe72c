"""The templates of every stage are synthesized once per run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

import app as tandem_app
from stacks import composition
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]


@cache
def _templates(stage: str) -> dict[str, Template]:
    app = App(context={**CONTEXT, "stage": stage, "account": "000000000000"})
    stacks = composition.build(app, load(stage, tandem_app.SETTINGS, account="000000000000"))
    return {stack.node.id: Template.from_stack(stack) for stack in stacks}


@pytest.fixture(scope="session")
def templates() -> Callable[[str], dict[str, Template]]:
    """The templates of a stage, by the id of their stack."""
    return _templates
