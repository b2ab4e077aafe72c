"""Build one self-contained package per Lambda function under build/functions/, from the pinned requirements.

Run from the checkout's root with `UV` naming the uv to install with; synthesis then needs no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

RUNTIME = Path("runtime/tandem_runtime")
OUTPUT = Path("build/functions")
UNCHANGING = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
REQUIREMENTS = Path("requirements/functions.txt")

COMMON = ("__init__.py", "shared/__init__.py", "shared/settings.py", "shared/clients.py", "shared/telemetry.py")
API = ("shared/problems.py",)
JOURNAL = ("shared/journal.py", "shared/backoff.py")
HEARTBEATS = ("shared/heartbeats.py", "shared/backoff.py")
ENTRIES = ("shared/transaction.py", "shared/money.py")
CONNECTING = ("shared/deadline.py", "shared/ledger_connection.py", "shared/ledger_errors.py")
LEDGER = (*ENTRIES, "shared/arrays.py", "shared/ledger.py", *CONNECTING, "shared/rds-global-bundle.pem")
CONNECTION = (*ENTRIES, *CONNECTING, "shared/rds-global-bundle.pem")

# what of the runtime, and which of the libraries, each function carries besides its own package; Lambda's own runtime
# brings the AWS SDK
FUNCTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "transactions": ((*COMMON, *API, *CONNECTION, *JOURNAL), ("pg8000",)),
    "health": ((*COMMON, *API, *HEARTBEATS), ()),
    "projector": ((*COMMON, *LEDGER, "shared/quarantine.py"), ("pg8000",)),
    "sweeper": ((*COMMON, *LEDGER, *JOURNAL, "shared/quarantine.py", "shared/heartbeats.py"), ("pg8000",)),
    "migrate": (("__init__.py", "shared/__init__.py", "shared/clients.py", "shared/telemetry.py"), ()),
    "takeover": (("__init__.py", "shared/__init__.py", "shared/clients.py", "shared/problems.py"), ()),
    "verify": (COMMON, ()),
    "empty_vault": (("__init__.py",), ()),
    "recover": ((*COMMON, *HEARTBEATS), ()),
}

# top-level names of what a library needs of what the requirements install; six comes with the AWS SDK,
# and pg8000 and scramp read their versions from their metadata when they are imported
LIBRARIES: dict[str, tuple[str, ...]] = {
    "pg8000": ("pg8000", "pg8000-*.dist-info", "scramp", "scramp-*.dist-info", "asn1crypto", "dateutil"),
}


def install_libraries(target: Path) -> None:
    """Install the pinned libraries once; fails on anything that is not pure Python."""
    uv = os.environ.get("UV", "uv")
    command = [uv, "pip", "install", "--quiet", "--target", str(target), "--no-deps", "--link-mode", "copy"]
    subprocess.run([*command, "--requirement", str(REQUIREMENTS)], check=True)  # noqa: S603 - our own arguments
    compiled = sorted(path.name for path in target.rglob("*.so"))
    if compiled:
        sys.exit(
            f"compiled libraries found: {', '.join(compiled)}: the functions run on arm64 and carry pure Python only"
        )


def package(name: str, libraries: Path) -> None:
    """Build one function's folder, and the archive that is deployed."""
    modules, wanted = FUNCTIONS[name]
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(RUNTIME / name, folder / "tandem_runtime" / name, ignore=skip)
    for module in modules:
        target = folder / "tandem_runtime" / module
        target.parent.mkdir(exist_ok=True)
        shutil.copy(RUNTIME / module, target)
    for library in wanted:
        for pattern in LIBRARIES[library]:
            for source in libraries.glob(pattern):
                shutil.copytree(source, folder / source.name, ignore=skip)
    archive(folder)


def archive(folder: Path) -> None:
    """Write the folder's zip, the same bytes for the same content: CDK hashes, copies and uploads one file of it."""
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as target:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), UNCHANGING)
            entry.external_attr = READABLE  # Lambda runs as another user than its owner
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Package every function."""
    libraries = Path("build/libraries")
    shutil.rmtree(libraries, ignore_errors=True)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    install_libraries(libraries)
    for name in FUNCTIONS:
        package(name, libraries)


if __name__ == "__main__":
    main()
