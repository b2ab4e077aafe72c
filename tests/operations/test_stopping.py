"""A command stops itself at the point it was told, and only there, however long it takes to get there."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from operations.stopping import POINTS, stop_at, wait_until_stopped

SLOW = "import time; time.sleep(0.3)"
CODE = (
    "from operations.stopping import stop_at\nreached = stop_at({wanted!r})\n{before}\nreached({point!r})\nprint('on')"
)


@contextmanager
def child(*, wanted: str | None, point: str, before: str = "") -> Iterator[subprocess.Popen[str]]:
    code = CODE.format(wanted=wanted, point=point, before=before)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("before", ["", SLOW], ids=["fast", "slow"])
def test_a_child_stops_at_its_point_and_goes_no_further(point: str, before: str) -> None:
    with child(wanted=point, point=point, before=before) as process:
        assert wait_until_stopped(process)
        process.kill()
        out, _ = process.communicate()
    assert (process.returncode, out) == (-signal.SIGKILL, "")


def test_a_child_that_is_continued_goes_on() -> None:
    with child(wanted="here", point="here") as process:
        assert wait_until_stopped(process)
        process.send_signal(signal.SIGCONT)
        out, _ = process.communicate()
    assert (process.returncode, out) == (0, "on\n")


@pytest.mark.parametrize("wanted", [None, "elsewhere"])
def test_a_child_that_ends_without_stopping_is_told_apart(wanted: str | None) -> None:
    with child(wanted=wanted, point="here") as process:
        assert not wait_until_stopped(process)
        out, _ = process.communicate()
    assert (process.returncode, out) == (0, "on\n")


def test_no_other_point_stops_this_process() -> None:
    stop_at(None)("here")
    stop_at("there")("here")
