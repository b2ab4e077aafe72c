"""A drill's report in a real browser: what failed comes first and in red, and nothing is cut in a narrow window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drills.report.page import page
from tests.browser import FAINT
from tests.drills.recorded import region_loss, report

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Browser

CUT = "[...document.querySelectorAll('table')].filter((each) => each.scrollWidth > each.clientWidth + 1).length"
SMALLEST = (
    "Math.min(...[...document.querySelectorAll('.timeline text')].map((each) => each.getBoundingClientRect().height))"
)
ALL_LEGENDS = (
    "[...document.querySelectorAll('.legend li')].every((each) => each.getBoundingClientRect().right <= innerWidth)"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_a_failed_drill_is_read_without_scrolling_sideways_but_for_its_timeline(
    width: int, scheme: str, browser: Browser, tmp_path: Path
) -> None:
    failed = report(region_loss(stretch=8.0), failure="clients did not move within 120 s")
    (tmp_path / "report.html").write_text(page(failed), encoding="utf-8")
    browser.open((tmp_path / "report.html").as_uri(), width=width, height=900, scheme=scheme)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(CUT) == 0
    assert browser.run(ALL_LEGENDS) is True
    assert browser.run(SMALLEST) > 9
    assert browser.run(FAINT) == []
    first = browser.run("document.querySelector('main section').textContent")
    assert "What failed" in first
    assert "clients did not move within 120 s" in first
    red, green, blue = browser.run(
        "getComputedStyle(document.querySelector('.failed h2')).color.match(/\\d+/g).map(Number)"
    )
    assert red > max(green, blue) + 40
