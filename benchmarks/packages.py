"""Measure what each function carries, and how long its module takes to import from there in a new interpreter.

Lambda unpacks a package without bytecode into a folder that it cannot write to, so that each cold start compiles what
it imports from there; the standard library has its bytecode. `import_ms` is measured so. `import_compiled_ms` is what
is left of it when the package has its bytecode, too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.result import Figure, Result
from tests.functions import environment

FUNCTIONS = Path("build/functions")
LIMIT_MILLISECONDS = 300.0
PROJECTOR_MILLISECONDS = 120.0
"""What is asked of the projector as Lambda sees it."""

_RUNS = 5
_IMPORT = """
import sys, time
sys.path.insert(0, {folder!r})
start, spent = time.perf_counter(), time.process_time()
import tandem_runtime.{name}.handler
print((time.perf_counter() - start) * 1000, (time.process_time() - spent) * 1000)
"""


def run() -> Result:
    """Measure every packaged function."""
    names = sorted(folder.name for folder in FUNCTIONS.iterdir() if folder.is_dir())
    if not names:
        raise RuntimeError(f"{FUNCTIONS} is empty: run make setup")
    imports = {name: import_milliseconds(name) for name in names}
    times, spent = ({name: pair[place] for name, pair in imports.items()} for place in (0, 1))
    compiled = {name: import_milliseconds(name, compiled=True)[0] for name in names}
    sizes = {name: package_bytes(name) for name in names}
    figures = [
        *(
            Figure(
                name=f"import_ms, {name}",
                value=value,
                unit="ms",
                at_most=PROJECTOR_MILLISECONDS if name == "projector" else None,
            )
            for name, value in times.items()
        ),
        *(Figure(name=f"import_processor_ms, {name}", value=value, unit="ms") for name, value in spent.items()),
        *(
            Figure(name=f"import_compiled_ms, {name}", value=value, unit="ms", at_most=LIMIT_MILLISECONDS)
            for name, value in compiled.items()
        ),
        *(Figure(name=f"package_bytes, {name}", value=float(value), unit="bytes") for name, value in sizes.items()),
    ]
    return Result(
        {
            "import_ms": {name: round(value, 1) for name, value in times.items()},
            "import_processor_ms": {name: round(value, 1) for name, value in spent.items()},
            "import_compiled_ms": {name: round(value, 1) for name, value in compiled.items()},
            "package_bytes": sizes,
        },
        figures,
    )


def import_milliseconds(name: str, *, compiled: bool = False) -> tuple[float, float]:
    """Return the medians of five imports, each in a new interpreter, after one that warms up or compiles the modules.

    The first is the time that passed, the second the processor time, which other work on the machine changes less.
    """
    elapsed, spent = zip(*[_import(name, compiled=compiled) for _ in range(_RUNS + 1)][1:], strict=True)
    return statistics.median(elapsed), statistics.median(spent)


def package_bytes(name: str) -> int:
    """Return the size in bytes of the files that are uploaded, before compression."""
    return sum(file.stat().st_size for file in (FUNCTIONS / name).rglob("*") if file.is_file())


def _import(name: str, *, compiled: bool) -> tuple[float, float]:
    bytecode = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    variables = {name: value for name, value in os.environ.items() if name not in bytecode}
    if compiled:
        variables["PYTHONPYCACHEPREFIX"] = str(Path(".cache/pycache").resolve())  # a package stays as it is
    else:
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
    code = _IMPORT.format(folder=str((FUNCTIONS / name).resolve()), name=name)
    finished = subprocess.run(
        [sys.executable, "-c", code], env=variables | environment(), capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise RuntimeError(f"importing {name} failed: {finished.stderr.strip()[-500:]}")
    elapsed, spent = map(float, finished.stdout.split())
    return elapsed, spent
