"""checkov's findings in synthesized stages, less those that `audit/acknowledged.toml` gives a reason for.

`python scripts/audit.py CHECKOV FOLDER...`: one folder a stage, named after it. It ends with 1 where a finding is left,
or where an entry of the file matches none, and with 2 where it could not look.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ACKNOWLEDGED = Path(__file__).parents[1] / "audit" / "acknowledged.toml"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A check that a resource of a stage does not pass."""

    stage: str
    check: str
    resource: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """Findings that are left as they are, and why."""

    check: str
    resources: tuple[str, ...]
    reason: str
    stages: tuple[str, ...]
    """Only in these; in every stage where it is empty."""

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of these."""
        return any(self._matches(finding, pattern) for pattern in self.resources)

    def unused(self, found: Sequence[Finding]) -> list[str]:
        """The patterns that match nothing."""
        return [each for each in self.resources if not any(self._matches(finding, each) for finding in found)]

    def _matches(self, finding: Finding, pattern: str) -> bool:
        here = not self.stages or finding.stage in self.stages
        return here and finding.check == self.check and fnmatchcase(finding.resource, pattern)


def acknowledged(path: Path = ACKNOWLEDGED) -> list[Acknowledged]:
    """The file's entries; raises `ValueError` where one lacks a part."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["acknowledged"]
    for entry in entries:
        if set(entry) - {"stages"} != {"check", "resources", "reason"} or not all(entry.values()):
            raise ValueError(f"{path.name}: entry {entry} is not complete: give check, resources and reason")
    return [
        Acknowledged(
            check=entry["check"],
            resources=tuple(entry["resources"]),
            reason=entry["reason"],
            stages=tuple(entry.get("stages", ())),
        )
        for entry in entries
    ]


def findings(report: str, stage: str) -> tuple[int, list[Finding]]:
    """How many checks passed, and what did not; raises `ValueError` for a report that looked at nothing."""
    document = json.loads(report)
    passed = document.get("summary", {}).get("passed", 0)
    if not passed:
        raise ValueError(f"checkov looked at nothing in {stage}: is it synthesized")
    failed = [
        Finding(stage=stage, check=each["check_id"], resource=each["resource"], title=each["check_name"])
        for each in document["results"]["failed_checks"]
    ]
    return passed, failed


def judge(found: Iterable[Finding], entries: Sequence[Acknowledged]) -> list[str]:
    """A line for each finding that no entry covers, and for each entry that covers none."""
    found = list(found)
    left = [
        f"{each.stage}: {each.check} {each.resource}: {each.title}: mend it, or acknowledge it with its reason"
        for each in found
        if not any(entry.covers(each) for entry in entries)
    ]
    stale = [
        f"acknowledged.toml: {entry.check} on {pattern} matches no finding: take it out"
        for entry in entries
        for pattern in entry.unused(found)
    ]
    return left + stale


def main(arguments: Sequence[str]) -> int:
    """Look at every folder, print what is left, and return the exit status."""
    checkov, folders = arguments[0], [Path(each) for each in arguments[1:]]
    total, all_findings = 0, list[Finding]()
    for folder in folders:
        command = [checkov, "--directory", str(folder), "--framework", "cloudformation", "--output", "json", "--quiet",
                   "--compact", "--skip-download"]  # fmt: skip
        report = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own environment's
        try:
            passed, failed = findings(report.stdout, folder.name)
        except ValueError as error:
            print(f"{error}\n{report.stderr[-2000:]}", file=sys.stderr)
            return 2
        total += passed
        all_findings += failed
    problems = judge(all_findings, acknowledged())
    print("\n".join(problems or [f"{total} checks passed, {len(all_findings)} findings are acknowledged"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
