"""Count the lines of Python of each room at a commit, and at the one that is checked out: `make lines`."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = "cdff92e"
"""The commit of the first release, unless another is named."""


def lines_at(commit: str) -> Counter[str]:
    """Return the lines of Python in each top folder of a commit."""
    listed = _git("ls-tree", "-r", "--name-only", commit)
    counted: Counter[str] = Counter()
    for path in listed.splitlines():
        if path.endswith(".py"):
            counted[path.partition("/")[0]] += _git("show", f"{commit}:{path}").count("\n")
    return counted


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", errors="replace").stdout  # noqa: S603


def main() -> None:
    """Print a Markdown table of both."""
    commit = sys.argv[1] if len(sys.argv) > 1 else FIRST
    before, now = lines_at(commit), lines_at("HEAD")
    rows = [("folder", f"at {commit}", "now"), ("---", "---", "---")]
    rows += [(f"`{name}`", f"{before[name]:,}", f"{now[name]:,}") for name in sorted(before | now)]
    rows.append(("all", f"{before.total():,}", f"{now.total():,}"))
    sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in rows))


if __name__ == "__main__":
    main()
