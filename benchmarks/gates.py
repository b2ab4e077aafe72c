"""What the embedded AWS's gates cost: of one call, and of a whole deployment."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.result import Figure, Result
from drills.embedded.cdk import deploy
from drills.embedded.process import EmbeddedAws
from operations.deployment import regions_of

ROOT = Path(__file__).resolve().parent.parent
STAGE = "staging"
MOST_OF_A_DEPLOYMENT = 5.0
"""Per cent: the gates are to cost a few."""


def run() -> Result:
    """Time a PutItem at the door, and deploy a stage with both gates on."""
    program = [str(ROOT / ".venv-emulator" / "bin" / "python"), "-m", "emulator.gates.timing"]
    call = json.loads(subprocess.run(program, cwd=ROOT, capture_output=True, check=True).stdout)
    whole = _deployment()
    figures = [
        Figure(name="gate_check_put_item", value=call["check_microseconds"], unit="us"),
        Figure(name="gate_door_put_item", value=call["door_microseconds"], unit="us"),
        Figure(name="gates_of_deployment", value=whole["percent"], unit="%", at_most=MOST_OF_A_DEPLOYMENT),
    ]
    return Result({"gates": {**call, **whole}}, figures)


def _deployment() -> dict[str, Any]:
    regions, _ = regions_of(STAGE, ROOT / "settings")
    with (
        EmbeddedAws(regions, state=ROOT / "build" / "bench" / "gates", lag_milliseconds=0) as aws,
        tempfile.TemporaryDirectory(dir=ROOT / "build") as work,
    ):
        began = time.perf_counter()
        deploy(aws.url, STAGE, regions, work=Path(work))
        seconds = time.perf_counter() - began
        with urllib.request.urlopen(f"{aws.url}/_emulator/gate", timeout=10) as answer:  # noqa: S310 - loopback
            page = json.load(answer)
    spent = sum(page["seconds"].values())
    return {
        "deployment_seconds": round(seconds, 1),
        "gate_seconds": round(spent, 2),
        "percent": round(spent / seconds * 100, 2),
        "checked": page["checked"],
        "stage": STAGE,
    }
