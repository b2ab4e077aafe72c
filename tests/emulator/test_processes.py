"""Nothing outlives the embedded AWS, however it ends; what it cannot use is one line and exit status 2."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from benchmarks.leftovers import holdings
from contract.ports import free_port
from tests.emulator.running import EAST, ROOT, Running, state_folder, until

if TYPE_CHECKING:
    from benchmarks.leftovers import Holdings

SLEEPER = "import time\ndef handler(event, context):\n    time.sleep(event.get('seconds', 0))\n    return 'slept'\n"
NODE = "exports.handler = async () => { for (;;) {} };"  # it does not even see that its input ended


def use(aws: Running) -> Holdings:
    """Have it start a database, a function and a Node function that never answers; return all that it holds then."""
    aws.client("rds").create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        MasterUsername="administrator",
        MasterUserPassword="not-a-secret",
    )
    assert aws.function(EAST, "sleeper", SLEEPER)() == "slept"
    aws.node_function(EAST, "waits", NODE)
    aws.client("lambda").invoke(FunctionName="waits", InvocationType="Event", Payload=b"{}")
    return until(lambda: held if _runs_node(held := holdings(aws.process.pid)) else None, seconds=60)  # type: ignore[no-any-return] # what it asks for


def _runs_node(held: Holdings) -> bool:
    return any(Path(each.exe()).name == "node" for pid, _ in held.processes for each in [psutil.Process(pid)])


def test_nothing_is_left_after_it_was_stopped_or_killed() -> None:
    folder = state_folder("cycles")
    left_behind = []
    for kill in (True, False):
        aws = Running(folder)
        try:
            held = use(aws)
        except BaseException:
            aws.stop()
            raise
        assert held.ports
        assert held.segments
        assert held.files == frozenset(), "shared memory has no files"
        assert aws.stop(kill=kill) == (-9 if kill else 0)
        until(lambda held=held: not set(held.left()) - {"segments"}, seconds=60, what=str(held.left()))  # type: ignore[misc] # bound
        left_behind.append(held)
        if kill:
            continue
        # the next start removes what a killed one could not
        assert [each.left() for each in left_behind] == [{}] * len(left_behind)
        assert not folder.exists()


def refusal(*arguments: str) -> str:
    """Start with `arguments`, which are wrong, and return the one line that says so."""
    done = subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--regions", "x"), "'x' is not a Region"),
        (("--regions", "us-east-1,us-east-1"), "twice"),
        (("--regions", ""), "not a Region"),
        (("--lag-milliseconds", "-1"), "0 or more"),
        (("--shards", "0"), "1 to 256"),
        (("--port", "80"), "1024 to 65535"),
        (("--port", "http"), "invalid int"),
        (("--alarm-period-scale", "nan"), "0.001 to 1"),
        (("--unknown",), "unrecognized"),
    ],
)
def test_a_wrong_argument_is_one_line_and_nothing_is_made(arguments: tuple[str, ...], said: str) -> None:
    folder = state_folder("refused")
    assert said in refusal("--state-dir", str(folder), *arguments)
    assert not folder.exists()


def test_a_folder_that_is_not_its_own_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    assert "holds files of somebody else" in refusal("--state-dir", str(tmp_path))
    assert "is a file" in refusal("--state-dir", str(precious))
    assert precious.read_text() == "kept"
    assert "/proc/nowhere" in refusal("--state-dir", "/proc/nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's databases run as the user")
def test_root_is_told_at_once_where_the_databases_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    said = refusal("--state-dir", str(closed / "state"), "--port", str(free_port("")))
    assert "nobody, who cannot enter" in said
    assert "start as an ordinary user" in said
    assert not (closed / "state").exists()


@pytest.mark.parametrize(("address", "kind"), [("127.0.0.1", "tcp"), ("127.0.2.1", "tcp"), ("127.0.0.1", "udp")])
def test_a_port_that_is_taken_is_one_line_and_leaves_nothing(address: str, kind: str) -> None:
    port, folder = free_port(""), state_folder("taken")
    with socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as taken:
        taken.bind((address, port))
        if kind == "tcp":
            taken.listen()
        assert f"--port {port}: address already in use" in refusal("--state-dir", str(folder), "--port", str(port))
    assert not folder.exists()


def test_a_folder_in_use_is_left_to_its_user() -> None:
    folder = state_folder("shared")
    aws = Running(folder)
    try:
        assert "in use by another embedded AWS" in refusal("--state-dir", str(folder), "--port", str(free_port("")))
        assert aws.state()["lost"] == []
        assert (folder / "databases").is_dir()
    finally:
        aws.stop()


def test_it_starts_from_the_environment_that_people_activate_and_lists_its_controls() -> None:
    folder, port = state_folder("activated"), free_port("")
    python = str(ROOT / ".venv" / "bin" / "python")
    command = [python, "-m", "emulator", "--state-dir", str(folder), "--port", str(port)]
    with subprocess.Popen(command, cwd=folder.parents[2], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("ready ")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_emulator/", timeout=10) as answer:
                controls = json.load(answer)
            for path in controls["GET"]:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                    assert answer.status == 200
            assert "/_emulator/regions/REGION/lose" in controls["POST"]
            ask_for_what_is_made = {path for path in controls["POST"] if path.endswith("/PLAN")}
            for path in sorted(ask_for_what_is_made):
                whole = path.replace("REGION", controls["REGION"][-1])
                request = urllib.request.Request(f"http://127.0.0.1:{port}{whole}", method="POST")
                with pytest.raises(urllib.error.HTTPError, match="409"):  # nothing of that name was made yet
                    urllib.request.urlopen(request, timeout=60)  # noqa: S310 - loopback
            for path in {*controls["POST"]} - ask_for_what_is_made:
                whole = path.replace("REGION", controls["REGION"][-1]).replace("MILLISECONDS", "0")
                whole = whole.replace("ID", "ZEXISTING", 1).replace("NAME", "bank.net") if "zones" in whole else whole
                request = urllib.request.Request(f"http://127.0.0.1:{port}{whole}", method="POST")
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
                    assert answer.status == 200
        finally:
            process.terminate()
    assert process.returncode == 0
    assert not folder.exists()
