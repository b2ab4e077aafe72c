from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_no_finding_of_the_rule_packs_or_of_template_validation_is_left(
    stage: str, compose: Callable[[str], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDK_VALIDATION", raising=False)
    assembly = compose(stage).synth()
    assert len(assembly.stacks) == (2 if stage == "dev" else 3)
