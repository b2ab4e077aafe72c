"""What the README says of costs is what the page of costs has."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAGES = {"dev", "staging", "prod"}


def test_each_stage_costs_while_idle_what_its_templates_and_the_price_table_say() -> None:
    costs = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    priced = dict(re.findall(r"^### (\w+)\n\nA month while idle: \*\*(\d+) dollars\*\*", costs, re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (\w+) \|.* \| \$(\d+) a month \|$", readme, re.MULTILINE))
    assert told.keys() == STAGES
    assert told == priced
