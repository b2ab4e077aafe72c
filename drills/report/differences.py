"""How the embedded AWS differs from AWS: the list of `docs/embedded-aws.md`, shortened to each point's beginning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

PAGE = Path(__file__).resolve().parents[2] / "docs" / "embedded-aws.md"
HEADING = "Different"
SENTENCE_ENDS = re.compile(r"(?<=[a-z`)]{2})[.] ")


def differences(path: Path = PAGE) -> list[str]:
    """Return the first sentence of each point below the heading "Different", without markup; empty without the page."""
    if not path.is_file():
        return []
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    return [_shortened(_text(point)) for point in _points(tokens)]


def _points(tokens: list[Token]) -> Iterator[Token]:
    """The first paragraph of each point of the lists below the heading."""
    inside = False
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            inside = tokens[place + 1].content.startswith(HEADING)
        elif inside and token.type == "list_item_open" and token.level == 1:
            yield tokens[place + 2]


def _text(inline: Token) -> str:
    """What a reader sees of it, on one line."""
    children = inline.children or []
    return "".join(" " if each.type == "softbreak" else each.content for each in children)


def _shortened(text: str) -> str:
    return SENTENCE_ENDS.split(text, maxsplit=1)[0].rstrip(".") + "."
