"""Run the benchmarks and write build/bench/report.json: `python -m benchmarks [name ...]`."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.result import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.result import Figure, Result

REPORT = Path("build/bench/report.json")

# modules of this package, in the order in which they run; each has `run() -> Result`
BENCHMARKS = (
    "synth_ratio",
    "synth_command",
    "embedded_aws",
    "embedded_rate",
    "gates",
    "packages",
    "projector",
    "ledger_rate",
    "accounts",
    "catch_up",
    "sweep",
    "api_overhead",
)


def machine() -> dict[str, Any]:
    """Describe the machine the figures were taken on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        names = [line for line in information.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "cpus": os.cpu_count(),
        "processor": model,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "aws_cdk_lib": version("aws-cdk-lib"),
        "load_average": os.getloadavg()[0],
    }


def main(names: Sequence[str]) -> int:
    """Run those named, or all; return 1 when a figure misses its bound, 2 when a name is unknown."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"no benchmark is called {', '.join(unknown)}: choose of {', '.join(BENCHMARKS)}\n")
        return 2
    report: dict[str, Any] = {"machine": machine()}
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        sys.stderr.write(f"{name} ... ")
        sys.stderr.flush()
        start = time.monotonic()
        result: Result = import_module(f"benchmarks.{name}").run()
        sys.stderr.write(f"{time.monotonic() - start:.0f} s\n")
        report |= result.report
        figures += result.figures
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    missed = [each.name for each in figures if not each.met]
    sys.stdout.write(f"{table(figures)}{REPORT}\n")
    if missed:
        sys.stdout.write(f"missed: {', '.join(missed)}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
