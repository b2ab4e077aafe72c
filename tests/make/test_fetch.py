"""A download that fails says in one line that its source cannot be reached, and anything else in its own words."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = str(ROOT / ".cache/uv-venv/bin/uv")
TOOLS = {
    "pip": [str(ROOT / ".cache/uv-venv/bin/python"), "-m", "pip", "install", "--quiet", "--retries=1", "nothing==1"],
    "uv": [UV, "pip", "install", "--no-config", "--target=x", "nothing==1"],
    "npm": [str(ROOT / ".venv/bin/npm"), "view", "--fetch-retries=0", "nothing"],
}


def fetch(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder."""
    return subprocess.run(
        ["bash", str(ROOT / "scripts" / "fetch.sh"), "PyPI", *command],  # noqa: S607 - found as make finds it
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def a_closed_port() -> int:
    """Return a port of loopback that refuses connections."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("tool", TOOLS)
def test_a_source_that_cannot_be_reached_is_said_in_one_line(tool: str, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{a_closed_port()}/"
    done = fetch(
        tmp_path,
        *TOOLS[tool],
        PATH=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=url,
        UV_DEFAULT_INDEX=url,
        UV_CACHE_DIR=str(tmp_path / "uv"),
        UV_HTTP_RETRIES="0",
        npm_config_registry=url,
        npm_config_cache=str(tmp_path / "npm"),
        no_proxy="127.0.0.1",
    )
    assert done.returncode != 0
    assert done.stderr.startswith("setup needs PyPI and npm, and PyPI cannot be reached: connect, or name a mirror")
    assert done.stderr.count("\n") == 1
    assert re.search(r"127\.0\.0\.1|NewConnectionError", (tmp_path / ".cache" / "fetch.log").read_text())


@pytest.mark.parametrize(
    "command",
    ["echo line > /dev/full", "echo 'npm error ENOSPC: no space left on device, write' >&2; exit 228"],
    ids=["the system's words", "npm's words"],
)
def test_a_full_disk_is_said_in_one_line(command: str, tmp_path: Path) -> None:
    done = fetch(tmp_path, "bash", "-c", command)
    assert done.returncode != 0
    assert done.stderr == (
        f"the disk of {tmp_path} is full: setup needs 2.5 GB there, free some space, then run it again\n"
    )


def test_another_failure_keeps_its_words_and_its_status(tmp_path: Path) -> None:
    done = fetch(tmp_path, "sh", "-c", "echo 'no such version' >&2; exit 3")
    assert (done.returncode, done.stderr) == (3, "no such version\n")


def test_a_success_leaves_nothing_behind(tmp_path: Path) -> None:
    done = fetch(tmp_path, "echo", "installed")
    assert (done.returncode, done.stdout, done.stderr) == (0, "installed\n", "")
    assert list((tmp_path / ".cache").iterdir()) == []
