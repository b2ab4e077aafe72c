"""What the embedded AWS's gates met, against the list of what is exempt."""

from __future__ import annotations

import json
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

LIST = Path(__file__).resolve().parents[1] / "emulator" / "gates" / "exemptions.toml"


def report(url: str) -> dict[str, Any]:
    """What the gates tell of themselves."""
    with urllib.request.urlopen(f"{url}/_emulator/gate", timeout=10) as answer:  # noqa: S310 - loopback
        told: dict[str, Any] = json.load(answer)
    return told


def needless_exemptions(url: str) -> list[list[str]]:
    """The exemptions that nothing has needed so far, by subject and path."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["exemption"]
    needed = report(url)["exempted"]
    return [pair for each in entries if (pair := [each["subject"], each["path"]]) not in needed]
