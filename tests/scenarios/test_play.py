"""A stage that is played with on its page: a Region is lost by its button, clients move, everything returns."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from drills.play.server import served
from drills.play.stage import PlayedStage
from drills.play.timeline import Timeline
from drills.prepare import prepared_stage
from drills.progress import Progress
from tests.browser import WITHOUT, Browser, chromium
from tests.scenarios.conftest import LONG, REGIONS, STAGE

if TYPE_CHECKING:
    from pathlib import Path

    from drills.embedded.cdk import CdkCli

PATIENCE_SECONDS = 180


def has(region: str, what: str) -> str:
    return f"document.querySelector('[data-region=\"{region}\"] .top')?.textContent.includes('{what}')"


def press(browser: Browser, action: str, region: str = "") -> None:
    """Press the button of an action once it can be pressed."""
    button = f'document.querySelector(\'button[data-do="{action}"]' + (f'[data-with="{region}"]\')' if region else "')")
    browser.until(f"{button} !== null && !{button}.disabled", seconds=PATIENCE_SECONDS)
    browser.run(f"{button}.click()")


@LONG
@pytest.mark.skipif(chromium() is None, reason=WITHOUT)
def test_a_region_that_is_lost_by_its_button_is_left_by_clients_and_writer_and_both_return(
    staging: tuple[str, CdkCli], tmp_path: Path
) -> None:
    url, _ = staging
    primary, secondary = REGIONS.both
    timeline = Timeline()
    with (
        prepared_stage(
            STAGE, REGIONS, url=url, lag_milliseconds=80, work=tmp_path, progress=Progress(Console(quiet=True))
        ) as ready,
        PlayedStage(ready, timeline, work=tmp_path, patience_seconds=PATIENCE_SECONDS) as played,
        served(0, played) as server,
        Browser(str(chromium()), tmp_path / "chromium") as browser,
    ):
        browser.open(server.url)
        browser.until(has(primary, "serves clients"), seconds=PATIENCE_SECONDS)
        browser.run("document.querySelector('#start').click()")
        rate = "Number(document.querySelector('[data-region=\"{}\"] [data-show=per_second]').textContent)"
        browser.until(f"{rate.format(primary)} > 1", seconds=PATIENCE_SECONDS)
        read = next(line["text"] for line in played.state()["lines"] if line["title"].startswith("Send a transaction"))
        sent = subprocess.run(["/bin/bash", "-c", read], capture_output=True, text=True, check=True, timeout=60)
        assert '"id"' in sent.stdout
        press(browser, "lose", primary)
        browser.until(has(secondary, "serves clients"), seconds=PATIENCE_SECONDS)
        browser.until(f"{rate.format(secondary)} > 1", seconds=PATIENCE_SECONDS)
        press(browser, "failover", secondary)
        browser.until(has(secondary, "writes the ledger"), seconds=PATIENCE_SECONDS)
        press(browser, "restore", primary)
        press(browser, "failback")
        browser.until(has(primary, "writes the ledger"), seconds=PATIENCE_SECONDS)
        browser.until(has(primary, "serves clients"), seconds=PATIENCE_SECONDS)
        browser.run("document.querySelector('#stop').click()")
        together = "document.body.textContent.includes('the same in both ledgers')"
        browser.until(together, seconds=PATIENCE_SECONDS)
        assert browser.console == []
    said = [entry.text for entry in timeline.entries]
    assert f"all 12 clients use {secondary}" in said
    assert said.index(f"lose {primary}") < said.index(f"{secondary} writes the ledger")
    assert [entry.text for entry in timeline.entries if entry.kind == "failed"] == []
