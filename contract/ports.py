"""Ports of this machine that somebody listens at a moment later, and that nobody else gets until then."""

from __future__ import annotations

import random
import socket

_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to whoever connects (`ip_local_port_range`, 32768 and above): a port that was free when
it was chosen would otherwise be some connection's own a moment later."""


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port that is free for TCP and UDP at `address`, or at every one for an empty text.

    No other process that asks here gets it before this one ends. Raises RuntimeError where none is left.
    """
    port, held = claimed_port(address)
    held.detach()  # nobody closes it: it ends with this process
    return port


def claimed_port(address: str) -> tuple[int, socket.socket]:
    """Return a free port, and the claim that keeps it from others until it is closed; raises as `free_port` does."""
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        if _is_free(address, port) and (held := claim(address, port)):
            return port, held
    raise RuntimeError(f"no port from {_PORTS.start} to {_PORTS.stop - 1} is free: end what listens there")


def claim(address: str, port: int) -> socket.socket | None:
    """Return a claim of a port, which lasts until it is closed or this process ends; None where another has it.

    A database that is down listens to nobody, and must find its port free when it is back.
    """
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0embedded-aws {address}:{port}")
    except OSError:
        name.close()
        return None
    return name


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as streams, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        try:
            streams.bind((address, port))
            datagrams.bind((address, port))
        except OSError:
            return False
    return True
