"""The real handlers with ports that keep everything in memory."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.gateway import REPLICAS, Gateway, MemoryJournal, MemoryTable, memory_ports
from tests.functions import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENVIRONMENT = environment(region=REPLICAS[0], other_region=REPLICAS[1])


@pytest.fixture
def modules() -> Iterator[tuple[Any, Any, pytest.MonkeyPatch]]:
    """The two handler modules, which read their environment when they are imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        transactions = import_module("tandem_runtime.transactions.handler")
        health = import_module("tandem_runtime.health.handler")
        patch.setattr(health, "_dynamodb", MemoryTable)
        yield transactions, health, patch


@pytest.fixture
def gateway_of(modules: tuple[Any, Any, pytest.MonkeyPatch]) -> Callable[[MemoryJournal], Gateway]:
    """A gateway whose journal the test keeps."""
    transactions, health, patch = modules

    def make(journal: MemoryJournal) -> Gateway:
        patch.setattr(transactions, "PORTS", memory_ports(journal))
        return Gateway(transactions.handler, health.handler)

    return make
