"""The app and the command read the same settings, and refuse the same files with the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operations.deployment import regions_of
from operations.errors import WrongInputError
from stacks.settings.stage import SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path

PRIMARY = 'topology = "dual"\n[regions]\nprimary = "eu-west-1"\n'


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "east.toml").write_bytes(b"\xef\xbb\xbf" + PRIMARY.encode())
    assert regions_of("east", tmp_path)[0].primary == "eu-west-1"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('# Zürich\ntopology = "dual"\n'.encode("latin-1"), "not UTF-8: byte 0xfc at offset 3: save it as UTF-8"),
        (b"topology = dual\n", "not TOML: "),
        (b"topology = " + b"9" * 5000, "not TOML: "),
        (b"", "is empty: write the stage's settings"),
    ],
)
def test_what_cannot_be_read_is_refused_by_both_in_the_same_line(content: bytes, named: str, tmp_path: Path) -> None:
    (tmp_path / "east.toml").write_bytes(content)
    with pytest.raises(WrongInputError) as command:
        regions_of("east", tmp_path)
    with pytest.raises(SettingsError) as app:
        load("east", tmp_path, account="123456789012")
    assert str(command.value) == str(app.value)
    assert named in str(app.value)
    assert "\n" not in str(app.value)


def test_a_folder_in_the_place_of_the_file_is_refused_by_both(tmp_path: Path) -> None:
    (tmp_path / "east.toml").mkdir()
    with pytest.raises(WrongInputError, match="cannot be read"):
        regions_of("east", tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load("east", tmp_path, account="123456789012")
