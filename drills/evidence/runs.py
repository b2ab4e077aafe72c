"""The folders of drills: one for each run, and `latest`, which leads to the last one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drills.evidence.manifest import MANIFEST

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

LATEST = "latest"
TREND = ("write_rto_seconds", "ledger_rto_seconds", "rpo_seconds")
"""The figures whose trend is shown."""


def new_folder(parent: Path, *, scenario: str, began: datetime, run: str) -> Path:
    """Make the folder of a run below `parent`, and have `latest` lead to it.

    A `latest` that is no link, because somebody has put a folder there, is left as it is.
    """
    folder = parent / f"{began:%Y%m%dT%H%M%SZ}-{scenario}-{run}"
    folder.mkdir(parents=True)
    latest = parent / LATEST
    if latest.is_symlink() or not latest.exists():
        latest.unlink(missing_ok=True)
        latest.symlink_to(folder.name, target_is_directory=True)
    return folder


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as its report has it; `changes` are each figure's seconds more than in the run before it.

    The run before is the last earlier one of the same scenario and stage that has the figure.
    """

    folder: str
    began: str
    stage: str
    scenario: str
    verdict: str
    who: str
    commit: str
    sealed: bool
    figures: dict[str, float | None]
    changes: dict[str, float | None]


def runs(parent: Path) -> list[Run]:
    """Return the runs whose folders are below `parent`, oldest first; a folder without a readable report is no run."""
    reports = []
    for path in parent.glob("*/report.json"):
        if path.parent.is_symlink():
            continue
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            reports.append((str(report["began"]), path.parent, report))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    before: dict[tuple[str, str, str], float] = {}
    listed = []
    for _, folder, report in sorted(reports, key=lambda each: (each[0], each[1].name)):
        listed.append(_run(folder, report, before))
    return listed


def _run(folder: Path, report: dict[str, Any], before: dict[tuple[str, str, str], float]) -> Run:
    figures: dict[str, float | None] = {}
    changes: dict[str, float | None] = {}
    for name in TREND:
        value, key = report.get(name), (str(report.get("stage")), str(report.get("scenario")), name)
        figures[name] = value
        changes[name] = None if value is None or key not in before else round(value - before[key], 3)
        if value is not None:
            before[key] = value
    evidence = report.get("evidence") or {}
    return Run(
        folder=folder.name,
        began=str(report["began"]),
        stage=str(report.get("stage")),
        scenario=str(report.get("scenario")),
        verdict=str(report.get("verdict", "unknown")),
        who=str(evidence.get("who", "unknown")),
        commit=str(evidence.get("commit", "unknown")),
        sealed=(folder / MANIFEST).is_file(),
        figures=figures,
        changes=changes,
    )
