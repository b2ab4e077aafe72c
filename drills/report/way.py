"""Which way the clients went: by the API's own name to the end, or by the names of its Regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.clients.resolver import Answer

CUSTOM, REGIONAL = "custom domain", "Regional names"
_TARGET = "d-"
"""How the target of a Regional custom domain begins (API Gateway Developer Guide)."""

_THROUGH_THE_DOMAIN = (
    "They went through the custom domain: each Region showed its certificate for the API's own name, which ACM issued "
    "once the validation record stood, and they asked for that name in the handshake and in the request."
)


def way_of(answers: Iterable[Answer]) -> str | None:
    """Return the way that DNS led the clients, both when it changed meanwhile, None when it led them nowhere."""
    ways = {CUSTOM if answer.canonical.startswith(_TARGET) else REGIONAL for answer in answers}
    return " and ".join(sorted(ways)) or None


def told(way: str | None) -> list[str]:
    """Return the way in a sentence, none where it is not known."""
    if way == CUSTOM:
        return [_THROUGH_THE_DOMAIN]
    return [f"The API's name led them to the {way}, whose certificates they were shown."] if way else []
