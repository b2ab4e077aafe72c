"""Run every benchmark and write build/bench/report.json: `python -m benchmarks`."""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.embedded_aws import embedded_aws
from benchmarks.synth_ratio import synth_ratio

REPORT = Path("build/bench/report.json")


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
    }


def main() -> int:
    """Run them all; return 1 when a figure misses its limit."""
    report = {"machine": machine(), "synth_ratio": synth_ratio(), "embedded_aws": embedded_aws()}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    figure = report["synth_ratio"]
    sys.stdout.write(
        f"synth_ratio {figure['ratio']:.2f} (at most {figure['limit']:g}): full app {figure['full_seconds']:.2f} s, "
        f"empty app {figure['empty_seconds']:.2f} s\n{REPORT}\n"
    )
    return 0 if figure["ratio"] <= figure["limit"] and report["embedded_aws"]["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
