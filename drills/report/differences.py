"""How the embedded AWS differs from AWS: the list of `docs/embedded-aws.md`, shortened to each point's beginning."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "embedded-aws.md"
HEADING = "## Different"
SENTENCE_ENDS = re.compile(r"(?<=[a-z`)]{2})[.] ")


def differences(path: Path = PAGE) -> list[str]:
    """Return the first sentence of each point below the heading "Different", without markup; empty without the page."""
    if not path.is_file():
        return []
    points: list[str] = []
    inside = False
    for line in path.read_text().splitlines():
        if line.startswith("## "):
            inside = line.startswith(HEADING)
        elif inside and line.startswith("- "):
            points.append(line[2:])
        elif inside and line.startswith("  ") and points:
            points[-1] += f" {line.strip()}"
    return [_shortened(point) for point in points]


def _shortened(point: str) -> str:
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", point).replace("`", "").replace("**", "")
    return SENTENCE_ENDS.split(text, maxsplit=1)[0].rstrip(".") + "."
