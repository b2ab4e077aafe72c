"""A port that is given out is nobody else's: not another caller's, and not a connection's that is made meanwhile."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from contract.ports import claim, free_port

COUNT = 50
ROOT = Path(__file__).parents[2]


def test_no_port_is_given_out_twice_to_one_process_or_to_two() -> None:
    ours = {free_port() for _ in range(COUNT)}
    code = f"from contract.ports import free_port; print(*(free_port() for _ in range({COUNT})))"
    theirs = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(ours) == len({int(port) for port in theirs.split()} - ours) == COUNT


def test_a_port_is_none_that_a_connection_may_be_given() -> None:
    low, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    assert free_port() < int(low)


def test_a_port_that_somebody_listens_at_is_not_given_out() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert claim("127.0.0.1", port) is None
        assert port not in {free_port() for _ in range(COUNT)}


def test_a_claim_ends_with_what_holds_it() -> None:
    port = free_port()
    held = claim("127.0.0.2", port)
    assert held is not None
    assert claim("127.0.0.2", port) is None
    held.close()
    again = claim("127.0.0.2", port)
    assert again is not None
    again.close()
