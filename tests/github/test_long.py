"""What `make test` leaves out because it takes long is run every night."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_target_that_contributing_lists_as_longer_is_run_every_night_or_with_each_change() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    longer = set(re.findall(r"^\| `make ([a-z]+)` \|", page, re.MULTILINE))
    nightly = re.search(r"run: \[(.*)\]", (ROOT / ".github" / "workflows" / "long.yml").read_text(encoding="utf-8"))
    assert nightly
    ran = {name.split()[0] for name in nightly[1].split(", ")}
    ran |= set(
        re.findall(r"run: make (\w+)", (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    )
    assert longer
    assert longer - ran == set()
