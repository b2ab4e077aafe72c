"""Compare the synthesis of the full dual-Region app with that of an empty one, in fresh processes, in turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.result import Figure, Result
from contract.patterns import EMBEDDED_ACCOUNT

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 4.0
OPTIONS = json.loads((ROOT / "cdk.json").read_text())["app"].removesuffix(" app.py").split()[1:]
"""The options that the app's command gives the interpreter: both apps get them."""

EMPTY = "import aws_cdk; app = aws_cdk.App(); aws_cdk.Stack(app, 'Empty'); app.synth()"


def run() -> Result:
    """Measure prod, the stage with most in it."""
    measured = synth_ratio()
    figure = Figure(name="synth_ratio", value=measured["ratio"], at_most=LIMIT)
    return Result({"synth_ratio": measured}, [figure])


def synth_ratio(rounds: int = 5, stage: str = "prod") -> dict[str, Any]:
    """Return the ratio of the median times of `rounds` runs each, with the times in seconds.

    Template validation is off (`CDK_VALIDATION=false`), as it is when the app is synthesized during development. One
    round before the measured ones warms the file cache, jsii's and Python's: modules are compiled once, as they are
    for a developer, even where the environment forbids Python to write them.
    """
    full: list[float] = []
    empty: list[float] = []
    for number in range(rounds + 1):
        for app, times in ((["-c", EMPTY], empty), (["app.py"], full)):
            elapsed = _seconds([sys.executable, *OPTIONS, *app], stage)
            if number:
                times.append(elapsed)
    return {
        "ratio": round(statistics.median(full) / statistics.median(empty), 3),
        "limit": LIMIT,
        "full_seconds": round(statistics.median(full), 3),
        "empty_seconds": round(statistics.median(empty), 3),
        "full_runs": [round(value, 3) for value in full],
        "empty_runs": [round(value, 3) for value in empty],
        "stage": stage,
        "validation": False,
    }


def _seconds(command: list[str], stage: str) -> float:
    configuration = json.loads((ROOT / "cdk.json").read_text())
    context = {**configuration.get("context", {}), "stage": stage, "account": EMBEDDED_ACCOUNT}
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "CDK_VALIDATION": "false",
            "CDK_OUTDIR": folder,
            "CDK_CONTEXT_JSON": json.dumps(context),
            "JSII_NODE": str(ROOT / ".venv" / "bin" / "node"),
        }
        start = time.perf_counter()
        finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        elapsed = time.perf_counter() - start
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(command)[:80]} failed: {finished.stderr.strip()[-500:]}")
    return elapsed
