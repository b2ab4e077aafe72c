"""Tell what a running program holds of the machine, and what of it is there after its end."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARED_MEMORY = "/dev/shm/"  # noqa: S108 - looked at
_SEGMENTS = Path("/proc/sysvipc/shm")
"""Linux's list of System V's shared memory, which psutil does not tell."""
_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Holdings:
    """Processes as (id, start time), ports with their addresses, shared memory, abstract sockets, files of /dev/shm."""

    processes: frozenset[tuple[int, float]]
    ports: frozenset[str] = field(default_factory=frozenset)
    segments: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)

    def left(self) -> dict[str, int]:
        """Return how many of each kind are still there; a kind of which nothing is left is left out."""
        counts = {
            "processes": sum(_runs(pid, start) for pid, start in self.processes),
            "ports": len(self.ports & set(_ports(psutil.net_connections("inet")))),
            "segments": len(self.segments & {segment for segment, _ in _segments()}),
            "abstract_sockets": len(self.names & set(_names(psutil.net_connections("unix")))),
            "shared_memory_files": sum(Path(name).exists() for name in self.files),
        }
        return {kind: number for kind, number in counts.items() if number}


def holdings(pid: int) -> Holdings:
    """Return what the process and all its descendants hold now."""
    processes: set[tuple[int, float]] = set()
    ports: set[str] = set()
    names: set[str] = set()
    files: set[str] = set()
    tree = _tree(pid)
    for each in tree:
        try:
            if each.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
                continue
            processes.add((each.pid, each.create_time()))
            ports.update(_ports(each.net_connections("inet")))
            names.update(_names(each.net_connections("unix")))
            files.update(mapped.path for mapped in each.memory_maps() if mapped.path.startswith(_SHARED_MEMORY))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it has ended meanwhile, or is somebody else's
    made_by = {each.pid for each in tree}
    return Holdings(
        processes=frozenset(processes),
        ports=frozenset(ports),
        segments=frozenset(segment for segment, creator in _segments() if creator in made_by),
        names=frozenset(names),
        files=frozenset(files),
    )


def resident_mebibytes(pid: int) -> float:
    """Return the memory of the process and its descendants in MiB; what they share is counted once."""
    total = 0
    for each in _tree(pid):
        try:
            total += each.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / _MEBIBYTE


def _tree(pid: int) -> list[Any]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _runs(pid: int, start: float) -> bool:
    """Whether this process, and not another one that got its number, has not ended."""
    try:
        process = psutil.Process(pid)
        return bool(process.create_time() == start and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _ports(connections: Iterable[Any]) -> list[str]:
    """The listening TCP and bound UDP ports, each with its address."""
    return [
        f"{each.type.name} {each.laddr.ip}:{each.laddr.port}"
        for each in connections
        if each.laddr and (each.type == socket.SOCK_DGRAM or each.status == psutil.CONN_LISTEN)
    ]


def _names(connections: Iterable[Any]) -> list[str]:
    """The abstract Unix sockets."""
    return [each.laddr for each in connections if str(each.laddr).startswith("@")]


def _segments() -> list[tuple[str, int]]:
    """The segments of System V shared memory, each with the process that made it."""
    try:
        rows = [line.split() for line in _SEGMENTS.read_text(encoding="utf-8").splitlines()[1:]]
    except OSError:
        return []  # a system without them
    return [(f"{fields[0]} {fields[1]}", int(fields[4])) for fields in rows]
