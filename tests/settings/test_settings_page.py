from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from tests.settings.page import COSTS, page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"


def keys(values: dict[str, Any], prefix: str = "") -> set[str]:
    """The keys of a settings file, by their whole path."""
    return {
        path
        for name, value in values.items()
        for path in (keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"})
    }


def test_the_page_says_what_the_models_say() -> None:
    if os.environ.get("TANDEM_WRITE_SETTINGS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "TANDEM_WRITE_SETTINGS=yes pytest tests/settings makes it again"


def test_every_key_that_a_stage_sets_and_every_cost_is_of_a_key_of_the_page() -> None:
    text = page()
    listed = set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))
    for stage in ("dev", "staging", "prod"):
        assert keys(tomllib.loads((ROOT / "settings" / f"{stage}.toml").read_text(encoding="utf-8"))) <= listed
    tables = set(re.findall(r"^## `\[([^\]]+)\]`", text, re.MULTILINE))
    assert COSTS.keys() <= listed | tables
