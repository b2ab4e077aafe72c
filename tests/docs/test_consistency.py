"""What the documentation says is backed by a test must name one that exists."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs import markdown

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_on_consistency_names_exists() -> None:
    page = markdown.read(ROOT / "docs" / "consistency.md")
    named = {span for span in markdown.spans(page) if span.startswith("test_")}
    defined = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert named - defined == set()
