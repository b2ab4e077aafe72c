"""The page of a played stage in a real browser: buttons, keyboard, narrow windows, both colour schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.play.actions import action_of
from drills.play.seen import state_of
from drills.play.server import served
from drills.play.timeline import Timeline
from drills.play.words import event_of
from tests.browser import FAINT
from tests.drills.played import PRIMARY, REGIONS, SECONDARY, control, seen, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drills.play.server import PlayServer
    from tests.browser import Browser


class Stage:
    """A stage of which a Region can be lost, and which fails over at once."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.serves = PRIMARY
        self.timeline = Timeline()

    def state(self) -> dict[str, Any]:
        """Return what the page shows."""
        other = SECONDARY if self.serves == PRIMARY else PRIMARY
        now = seen(
            control=control(lost=self.lost),
            dns=self.serves,
            sent_to={self.serves: 12, other: 0},
            status=status(
                writer=self.serves, secondary={"alarms": ("tandem-a-name-that-is-rather-long-for-a-telephone",)}
            ),
            rate=20.0,
            busy=None,
        )
        lines = [{"title": "Read an account", "text": "curl --cacert authority.pem " + "x" * 200}]
        return state_of(now, entries=self.timeline.entries, lines=lines)

    def act(self, asked: Mapping[str, Any]) -> list[str]:
        """Do what is asked for."""
        action = action_of(asked, REGIONS)
        self.timeline.add(event_of(action, at=self.timeline.now))
        if action.name == "lose":
            self.lost, self.serves = [action.region], SECONDARY
        elif action.name in {"restore", "failback"}:
            self.lost, self.serves = [], PRIMARY
        return [action.line]


@pytest.fixture
def server() -> Iterator[PlayServer]:
    with served(0, Stage()) as server:
        yield server


def serves(region: str) -> str:
    return f"document.querySelector('[data-region=\"{region}\"] .top')?.textContent.includes('serves clients')"


def test_a_region_that_is_lost_by_its_button_is_shown_as_lost_and_comes_back(
    browser: Browser, server: PlayServer
) -> None:
    browser.console.clear()
    browser.open(server.url)
    browser.until(serves(PRIMARY))
    browser.run(f'document.querySelector(\'[data-do="lose"][data-with="{PRIMARY}"]\').click()')
    browser.until(serves(SECONDARY))
    assert browser.run(f'document.querySelector(\'[data-do="lose"][data-with="{PRIMARY}"]\').disabled') is True
    assert browser.run("document.querySelector('#events li').textContent").endswith(f"lose {PRIMARY}")
    browser.run("document.querySelector('[data-do=\"failback\"]').click()")
    browser.until(serves(PRIMARY))
    assert browser.console == []


def test_everything_that_can_be_done_is_a_named_button_that_the_keyboard_reaches(
    browser: Browser, server: PlayServer
) -> None:
    browser.open(server.url)
    browser.until(serves(PRIMARY))
    names = []
    for _ in range(40):
        browser.press("Tab", 9)
        names.append(
            browser.run("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        )
        if names[-1] == f"Lose {PRIMARY}":
            break
    assert names[:2] == ["52050100", "Start load"]
    assert names[-1] == f"Lose {PRIMARY}"
    browser.press("Enter", 13, "\r")
    browser.until(serves(SECONDARY))
    unnamed = "(each) => !each.textContent.trim() || each.type !== 'button'"
    assert browser.run(f"[...document.querySelectorAll('button')].filter({unnamed}).length") == 0
    assert browser.run("document.querySelector('label[for=rate]') !== null") is True
    assert browser.run("document.querySelector('#events').getAttribute('aria-live')") == "polite"
    assert browser.run("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_the_page_is_no_wider_than_its_window_and_every_text_stands_out(
    width: int, scheme: str, browser: Browser, server: PlayServer
) -> None:
    browser.open(server.url, width=width, height=900, scheme=scheme)
    browser.until(serves(PRIMARY))
    browser.run(f'document.querySelector(\'[data-do="lose"][data-with="{PRIMARY}"]\').click()')
    browser.until(serves(SECONDARY))
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(FAINT) == []
    beside = "(([one, other]) => one.getBoundingClientRect().top === other.getBoundingClientRect().top)"
    assert browser.run(f"{beside}(document.querySelectorAll('.card'))") is (width > 1000)


def test_the_page_says_when_nobody_tells_it_anything_any_more(browser: Browser) -> None:
    with served(0, Stage()) as ended:
        browser.open(ended.url)
        browser.until(serves(PRIMARY))
        assert browser.run("document.getElementById('ended').hidden") is True
    browser.until("!document.getElementById('ended').hidden")
