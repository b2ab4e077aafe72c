"""Where an embedded API Gateway speaks TLS, and whom its clients trust."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class EmbeddedTls:
    """The port of each Region that speaks TLS, in place of 443, and how its certificates are verified."""

    ports: Mapping[str, int]
    context: ssl.SSLContext


def tls_of(state: Mapping[str, Any]) -> EmbeddedTls:
    """Read it from what an embedded AWS tells of itself; only its own authority is trusted."""
    context = ssl.create_default_context(cadata=state["tls"]["authority"])
    return EmbeddedTls(ports=state["tls"]["ports"], context=context)
