"""A full disk is named, before a stage is deployed and after anything failed because of it."""

from __future__ import annotations

import shutil
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from command.cli import main
from drills.embedded.room import naming_a_full_disk, require_room
from operations.errors import NoRoomError, OperationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Left = Callable[[int], None]

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - the shape of shutil's own


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Left:
    """Have every disk hold so many free megabytes."""
    return lambda megabytes: monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, megabytes * 1_000_000))


def test_a_drill_on_a_disk_without_room_is_one_line_and_status_2_before_anything_is_started(
    left: Left, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("drills.prepare.ROOT", tmp_path)
    left(124)
    assert main(["drill"]) == 2
    said = capsys.readouterr()
    assert said.err == f"tandem: 124 MB are free in {tmp_path / 'build'}, 300 MB are needed: free some space\n"
    assert "start the embedded AWS" not in said.out


def test_enough_room_is_enough(left: Left, tmp_path: Path) -> None:
    left(300)
    require_room(tmp_path)
    left(299)
    with pytest.raises(NoRoomError):
        require_room(tmp_path)


def test_what_fails_on_a_full_disk_names_the_disk_and_keeps_its_own_words(left: Left, tmp_path: Path) -> None:
    left(3)
    with pytest.raises(OperationError) as failure, naming_a_full_disk(tmp_path):
        raise OperationError("unable to parse response")
    assert str(failure.value) == (
        f"the disk of {tmp_path} is full: free some space, then run this again (unable to parse response)"
    )


def test_what_fails_on_a_disk_with_room_keeps_its_words_alone(left: Left, tmp_path: Path) -> None:
    left(5000)
    with pytest.raises(OperationError, match=r"^unable to parse response$"), naming_a_full_disk(tmp_path):
        raise OperationError("unable to parse response")
