"""`tandem evidence`: whether a drill's folder is as it was left, and how drills have developed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, STATUSES
from drills.evidence.manifest import SIGNATURE, seal, verify
from drills.evidence.runs import runs
from drills.report.words import duration

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from command.arguments import Commands
    from drills.evidence.runs import Run

DRILLS = Path("build/drill")
COMMIT = 10
"""Characters of a commit that tell two apart."""


def add_evidence(commands: Commands) -> None:
    """Add the command. It reads folders and needs neither a stage nor AWS."""
    text = "seal and verify the folders of drills, and list them with the trend of RTO and RPO"
    command = commands.add_parser("evidence", help=text, description=text, epilog=STATUSES)
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(command))
    text = "hold a folder against its manifest and, with a public key, the manifest against its signature"
    action = actions.add_parser("verify", help=text, description=text, epilog=STATUSES)
    action.set_defaults(run_alone=_verify)
    action.add_argument("folder", type=Path, metavar="FOLDER", help="a drill's folder, with its manifest.json")
    action.add_argument("--key", type=Path, metavar="PUBLIC.pem", help="the public Ed25519 key of who signed it")
    text = "write a folder's manifest anew and, with a private key, sign it"
    action = actions.add_parser("seal", help=text, description=text, epilog=STATUSES)
    action.set_defaults(run_alone=_seal)
    action.add_argument("folder", type=Path, metavar="FOLDER")
    action.add_argument("--key", type=Path, metavar="KEY.pem", help="a private Ed25519 key without a password")
    text = "list drills, oldest first, with RTO and RPO and how they changed since the one before"
    action = actions.add_parser("list", help=text, description=text, epilog=STATUSES)
    action.set_defaults(run_alone=_list)
    action.add_argument("folder", type=Path, metavar="FOLDER", nargs="?", default=DRILLS, help=f"default: {DRILLS}")
    action.add_argument("--json", action="store_true", help="print JSON")


def _verify(arguments: argparse.Namespace, console: Console) -> int:
    finding = verify(arguments.folder, key=arguments.key)
    for problem in finding.problems:
        console.print(f"FAILED: {problem}", style="bold red", soft_wrap=True, highlight=False, markup=False)
    if finding.problems:
        return 1
    files = f"{finding.files} files are as the manifest has them"
    if finding.checked:
        console.print(f"{files}, and it is signed by the owner of {arguments.key}", soft_wrap=True, markup=False)
        return 0
    if finding.signed:
        console.print(f"{files}; its signature was not checked: give --key PUBLIC.pem", soft_wrap=True, markup=False)
        return LEFT_TO_DO
    console.print(f"{files}; it is not signed", soft_wrap=True, markup=False)
    return 0


def _seal(arguments: argparse.Namespace, console: Console) -> int:
    manifest = seal(arguments.folder, key=arguments.key)
    signed = "" if arguments.key is None else f", {manifest.with_name(SIGNATURE)}"
    console.print(f"written: {manifest}{signed}", soft_wrap=True, highlight=False, markup=False)
    return 0


def _list(arguments: argparse.Namespace, console: Console) -> int:
    listed = runs(arguments.folder)
    if arguments.json:
        console.print(
            json.dumps([asdict(run) for run in listed], indent=2), soft_wrap=True, highlight=False, markup=False
        )
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
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return 0


def _figure(run: Run, name: str) -> str:
    value, change = run.figures[name], run.changes[name]
    if value is None:
        return ""
    return duration(value) + ("" if change is None else f" ({change:+.1f} s)")
