"""Tell what a running program holds of the machine, and what of it is there after its end, by Linux's /proc."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"
_PORT_TABLES = ("tcp", "udp")


@dataclass(frozen=True)
class Holdings:
    """Processes as (id, start time), ports as in /proc/net, shared memory, abstract sockets, the files of /dev/shm."""

    processes: frozenset[tuple[int, str]]
    ports: frozenset[str] = field(default_factory=frozenset)
    segments: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)

    def left(self) -> dict[str, int]:
        """Return how many of each kind are still there; a kind of which nothing is left is left out."""
        ports = {entry for entry, _ in _ports()}
        names = {name for name, _ in _names()}
        counts = {
            "processes": sum(_start_time(pid) == start for pid, start in self.processes),
            "ports": len(self.ports & ports),
            "segments": len(self.segments & {segment for segment, _ in _segments()}),
            "abstract_sockets": len(self.names & names),
            "shared_memory_files": sum(Path(name).exists() for name in self.files),
        }
        return {kind: number for kind, number in counts.items() if number}


def holdings(pid: int) -> Holdings:
    """Return what the process and all its descendants hold now."""
    tree = _tree(pid)
    inodes = {inode for each in tree for inode in _sockets(each)}
    return Holdings(
        processes=frozenset((each, start) for each in tree if (start := _start_time(each))),
        ports=frozenset(entry for entry, inode in _ports() if inode in inodes),
        segments=frozenset(segment for segment, creator in _segments() if creator in tree),
        names=frozenset(name for name, inode in _names() if inode in inodes),
        files=frozenset(name for each in tree for name in _mapped(each)),
    )


def resident_mebibytes(pid: int) -> float:
    """Return the memory of the process and its descendants in MiB; what they share is counted once."""
    kibibytes = 0
    for each in _tree(pid):
        for line in _lines(_PROC / str(each) / "smaps_rollup"):
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes / 1024


def _lines(path: Path) -> list[str]:
    """Return the lines of a file of /proc; there are none once its process has ended, or when it is somebody else's."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _status(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent and so on. The name itself may hold spaces."""
    lines = _lines(_PROC / str(pid) / "stat")
    return lines[0].rpartition(")")[2].split() if lines else []


def _start_time(pid: int) -> str:
    fields = _status(pid)
    return fields[19] if fields and fields[0] not in "ZX" else ""


def _tree(root: int) -> set[int]:
    parents = {int(each.name): _status(int(each.name)) for each in _PROC.iterdir() if each.name.isdigit()}
    tree = {root}
    while more := {pid for pid, fields in parents.items() if fields and int(fields[1]) in tree} - tree:
        tree |= more
    return tree


def _sockets(pid: int) -> set[str]:
    inodes = set()
    try:
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:
        return inodes
    return inodes


def _mapped(pid: int) -> set[str]:
    lines = _lines(_PROC / str(pid) / "maps")
    return {"/dev/shm/" + line.partition("/dev/shm/")[2] for line in lines if "/dev/shm/" in line}  # noqa: S108 - looked at


def _ports() -> list[tuple[str, str]]:
    """Return the listening TCP and bound UDP ports, each with its inode."""
    ports = []
    for table in _PORT_TABLES:
        for line in _lines(_PROC / "net" / table)[1:]:
            fields = line.split()
            if table == "udp" or fields[3] == _LISTENING:
                ports.append((f"{table} {fields[1]}", fields[9]))
    return ports


def _segments() -> list[tuple[str, int]]:
    """Return the segments of System V shared memory, each with the process that made it."""
    rows = [line.split() for line in _lines(_PROC / "sysvipc" / "shm")[1:]]
    return [(f"{fields[0]} {fields[1]}", int(fields[4])) for fields in rows]


def _names() -> list[tuple[str, str]]:
    """Return the abstract Unix sockets, each with its inode."""
    rows = [line.split(maxsplit=7) for line in _lines(_PROC / "net" / "unix")[1:]]
    return [(fields[7], fields[6]) for fields in rows if len(fields) > 7 and fields[7].startswith("@")]  # noqa: PLR2004 - named
