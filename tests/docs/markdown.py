"""What a page holds, as a Markdown parser reads it: tables, headings, links, code."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

PARSER = MarkdownIt("commonmark").enable("table")


@cache
def tokens(text: str) -> tuple[Token, ...]:
    """Return the blocks of a page in their order."""
    return tuple(PARSER.parse(text))


def read(page: Path) -> str:
    """Return a page's text."""
    return page.read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of its level or above."""
    lines = text.splitlines()
    starts = [
        (int(token.tag[1]), token.map[0], inline.content)
        for token, inline in zip(tokens(text), tokens(text)[1:], strict=False)
        if token.type == "heading_open" and token.map
    ]
    level, first = next((level, line) for level, line, words in starts if words == heading)
    last = next((line for depth, line, _ in starts if line > first and depth <= level), len(lines))
    return "\n".join(lines[first + 1 : last])


def headings(text: str, *, level: int | None = None) -> list[str]:
    """Return the words of the headings, of every level unless one is given."""
    return [
        inline.content
        for token, inline in zip(tokens(text), tokens(text)[1:], strict=False)
        if token.type == "heading_open" and level in (None, int(token.tag[1]))
    ]


def rows(text: str) -> list[list[str]]:
    """Return the rows of all tables without their heads, each as the source of its cells."""
    found: list[list[str]] = []
    for token, inline in zip(tokens(text), tokens(text)[1:], strict=False):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "td_open":
            found[-1].append(inline.content)
    return [cells for cells in found if cells]


def inlines(text: str) -> Iterator[Token]:
    """Return the parts of running text: words, links, code, in their order."""
    for token in tokens(text):
        yield from token.children or ()


def links(text: str) -> list[str]:
    """Return where links lead to, and from where pictures are, in their order."""
    targets = [each.attrGet("href" if each.type == "link_open" else "src") for each in inlines(text)]
    return [str(target) for target in targets if target is not None]


def linked(text: str) -> list[tuple[str, str]]:
    """Return the words of each link as they are written, with where it leads to."""
    pairs: list[tuple[str, str]] = []
    for each in inlines(text):
        if each.type == "link_open":
            pairs.append(("", str(each.attrGet("href"))))
            inside = True
        elif each.type == "link_close":
            inside = False
        elif pairs and inside:
            words, target = pairs[-1]
            pairs[-1] = (f"{words}{each.markup}{each.content}{each.markup}", target)
    return pairs


def numbers(text: str) -> list[int]:
    """Return the numbers of the items of numbered lists."""
    return [int(token.info) for token in tokens(text) if token.type == "list_item_open" and token.info]


def spans(text: str) -> list[str]:
    """Return what stands between backticks, in its order."""
    return [each.content for each in inlines(text) if each.type == "code_inline"]


def blocks(text: str) -> list[str]:
    """Return the lines of the blocks of code, in their order."""
    return [
        line for token in tokens(text) if token.type in ("code_block", "fence") for line in token.content.splitlines()
    ]
