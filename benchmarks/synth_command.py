"""Time `make synth STAGE=prod` as its command runs: the CDK CLI, the app, and the rule packs where inputs changed.

The first run has an empty folder, as after a change of the app; it is reported. The later ones have what the first one
left, as a deployment after a synthesis does: the app sees that its inputs are the same, and nothing is judged twice.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.result import Figure, Result
from contract.patterns import EMBEDDED_ACCOUNT

ROOT = Path(__file__).resolve().parent.parent
STAGE = "prod"
ASKED_SECONDS = 5.0
AGAIN = 3


def run() -> Result:
    """Synthesize into a folder of its own, and again into the same one."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        fresh = _seconds(folder)
        again = statistics.median(_seconds(folder) for _ in range(AGAIN))
    figures = [
        Figure(name="synth_command_seconds, inputs unchanged", value=again, unit="s", at_most=ASKED_SECONDS),
        Figure(name="synth_command_seconds, an empty cdk.out, rule packs included", value=fresh, unit="s"),
    ]
    return Result({"synth_command_seconds": round(again, 2), "synth_command_fresh_seconds": round(fresh, 2)}, figures)


def _seconds(folder: str) -> float:
    command = ["cdk", "synth", "--quiet", "--app", "python -O app.py", "--output", folder]
    context = ["-c", f"stage={STAGE}", "-c", f"account={EMBEDDED_ACCOUNT}"]
    variables = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    began = time.perf_counter()
    finished = subprocess.run(
        [*command, *context], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    elapsed = time.perf_counter() - began
    if finished.returncode != 0:
        raise RuntimeError(f"cdk synth failed: {finished.stderr.strip()[-500:]}")
    return elapsed
