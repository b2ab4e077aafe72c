"""A headless browser for the pages that drills write and serve, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import WITHOUT, Browser, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Skips the test where no browser is installed."""
    program = chromium()
    if program is None:
        pytest.skip(WITHOUT)
    with Browser(program, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser
