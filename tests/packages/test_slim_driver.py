"""The driver that functions carry does what the installed one does, but for what it says that it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.slim_driver import slim

CARRIED = Path(__file__).parents[2] / "build" / "functions" / "projector"
READ_TIMES = """
import json, sys
sys.path.insert(0, {folder!r})
import pg8000.native
from pg8000 import converters
assert pg8000.native.__file__.startswith({folder!r}), pg8000.native.__file__
loaded = [name for name in ("dateutil", "scramp", "asn1crypto", "importlib.metadata") if name in sys.modules]
texts = {texts!r}
times = [str(read(text)) for text in texts for read in (converters.timestamptz_in, converters.timestamp_in)]
print(json.dumps([loaded, times, pg8000.native.__version__]))
"""
TIMES = [
    "2026-11-26 19:00:00.123456+00",
    "2026-11-26 19:00:00+00",
    "2026-11-26 19:00:00+05:30",
    "infinity",
    "10000-01-01 00:00:00+00",
]


def answers(folder: Path | str) -> list[object]:
    code = READ_TIMES.format(folder=str(folder), texts=TIMES)
    finished = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    answered: list[object] = json.loads(finished.stdout)
    return answered


def test_it_loads_no_library_and_reads_times_and_its_version_as_the_installed_driver_does() -> None:
    (loaded, times, version), (_, installed_times, installed_version) = answers(CARRIED), answers("")
    assert loaded == []
    assert times == installed_times
    assert version == installed_version


def test_a_server_that_asks_for_a_password_is_told_in_the_error_that_functions_sign_in_with_tokens() -> None:
    text = (CARRIED / "pg8000" / "core.py").read_text()
    assert "scramp" not in text
    code = f"""
import sys
sys.path.insert(0, {str(CARRIED)!r})
from pg8000.core import CoreConnection, InterfaceError
connection = CoreConnection.__new__(CoreConnection)
connection._usock = None
try:
    connection.handle_AUTHENTICATION_REQUEST(b"\\x00\\x00\\x00\\x0aSCRAM-SHA-256\\x00\\x00", None)
except InterfaceError as error:
    print(error)
"""
    finished = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    assert "sign in with tokens: grant rds_iam" in finished.stdout


def test_a_driver_that_reads_otherwise_is_not_packaged(tmp_path: Path) -> None:
    driver = tmp_path / "pg8000"
    driver.mkdir()
    (tmp_path / "pg8000-9.9.9.dist-info").mkdir()
    for name in ("legacy.py", "dbapi.py", "converters.py", "core.py"):
        (driver / name).write_text("import scramp\n")
    with pytest.raises(SystemExit, match=r"converters\.py has 'from dateutil\.parser"):
        slim(driver)
