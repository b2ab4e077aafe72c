"""`tandem evidence`: whether a drill's folder is as it was left, and how drills have developed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from command.arguments import LEFT_TO_DO, Output
from command.values import Json
from drills.evidence.manifest import SIGNATURE, seal, verify
from drills.evidence.runs import Run, runs
from drills.report.words import duration

DRILLS = Path("build/drill")
COMMIT = 10
"""Characters of a commit that tell two apart."""

evidence = App(name="evidence")
"""It reads folders and needs neither a stage nor AWS."""


@evidence.command(
    name="verify", help="hold a folder against its manifest and, with a public key, the manifest against its signature"
)
def verify_folder(
    folder: Annotated[Path, Parameter(help="a drill's folder, with its manifest.json")],
    /,
    *,
    key: Annotated[Path | None, Parameter(help="the public Ed25519 key (PEM) of who signed it")] = None,
) -> int:
    """Say whether it is as it was left."""
    out = Output()
    finding = verify(folder, key=key)
    for problem in finding.problems:
        out.say(f"FAILED: {problem}", style="bold red")
    if finding.problems:
        return 1
    files = f"{finding.files} files are as the manifest has them"
    if finding.checked:
        out.say(f"{files}, and it is signed by the owner of {key}")
        return 0
    if finding.signed:
        out.say(f"{files}; its signature was not checked: give --key PUBLIC.pem")
        return LEFT_TO_DO
    out.say(f"{files}; it is not signed")
    return 0


@evidence.command(name="seal", help="write a folder's manifest anew and, with a private key, sign it")
def seal_folder(
    folder: Annotated[Path, Parameter(help="a drill's folder")],
    /,
    *,
    key: Annotated[Path | None, Parameter(help="a private Ed25519 key (PEM) without a password")] = None,
) -> int:
    """Write the manifest."""
    manifest = seal(folder, key=key)
    signed = "" if key is None else f", {manifest.with_name(SIGNATURE)}"
    Output().say(f"written: {manifest}{signed}")
    return 0


@evidence.command(
    name="list", help="list drills, oldest first, with RTO and RPO and how they changed since the one before"
)
def list_folders(
    folder: Annotated[Path, Parameter(help="where the drills' folders are")] = DRILLS, /, *, as_json: Json = False
) -> int:
    """List them."""
    out = Output()
    listed = runs(folder)
    if as_json:
        out.say(json.dumps([asdict(run) for run in listed], indent=2))
        return 0
    rows = [("began", "stage", "scenario", "verdict", "write RTO", "ledger RTO", "RPO", "commit", "sealed")]
    rows += [
        (
            run.began.replace("+00:00", "Z"),
            run.stage,
            run.scenario,
            run.verdict,
            _figure(run, "write_rto_seconds"),
            _figure(run, "ledger_rto_seconds"),
            _figure(run, "rpo_seconds"),
            run.commit[:COMMIT],
            "yes" if run.sealed else "no",
        )
        for run in listed
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        out.say(line)
    return 0


def _figure(run: Run, name: str) -> str:
    value, change = run.figures[name], run.changes[name]
    if value is None:
        return ""
    return duration(value) + ("" if change is None else f" ({change:+.1f} s)")
