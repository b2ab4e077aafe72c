"""The one folder that the embedded AWS writes to: claimed while it runs, emptied at the start, removed at the end.

A run that is killed leaves its folder behind; the next one with the same folder removes what it held.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TextIO

from contract.waiting import wait_until
from emulator.program import processes

_MARK = "embedded-aws"
_IPC_RMID = 0
_REMOVALS = 5
_SEGMENT_LINE = 6
"""Of postmaster.pid: key and id of the shared memory segment that marks the data folder as taken."""
_DETACH_SECONDS = 2.0
_SEGMENTS = Path("/proc/sysvipc/shm")
"""Linux's list of System V's shared memory, which psutil does not tell."""
_LIBC = ctypes.CDLL(None, use_errno=True)


class RefusedError(Exception):
    """The folder cannot be used; the message is one line that says what to do."""


class StateFolder:
    """A folder that no other embedded AWS uses; raises `RefusedError` when it cannot be had."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._lock = self._claim()
            self._empty()
            (path / "tmp").mkdir()
        except OSError as error:
            raise RefusedError(
                f"--state-dir {path}: {(error.strerror or str(error)).lower()}: "
                "name a folder that this user may make and empty"
            ) from error

    def _claim(self) -> TextIO:
        if self.path.exists() and not self.path.is_dir():
            raise RefusedError(f"--state-dir {self.path} is a file: name a new or empty folder")
        mark = self.path / _MARK
        if self.path.exists() and any(self.path.iterdir()) and not mark.exists():
            raise RefusedError(f"--state-dir {self.path} holds files of somebody else: name a new or empty folder")
        self.path.mkdir(parents=True, exist_ok=True)
        lock = mark.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise RefusedError(
                f"--state-dir {self.path} is in use by another embedded AWS: stop that one, or name another folder"
            ) from None
        return lock

    def _empty(self) -> None:
        for file in self.path.glob("databases/*/postmaster.pid"):
            remove_segment(file)  # whoever was attached to it ends with the server, but not at the same moment
        for each in self.path.iterdir():
            if each.name == _MARK:
                continue
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()

    def check_reachable(self, program: Path) -> None:
        """Check that the user of the databases can enter the folder and run `program`; raises `RefusedError`."""
        if not processes.UNPRIVILEGED:
            return
        finished = subprocess.run(  # noqa: S603 - a constant script
            ["/bin/sh", "-c", 'cd "$0" && exec "$1" --version', str(self.path), str(program)],
            capture_output=True,
            cwd="/",
            check=False,
            **processes.UNPRIVILEGED,
        )
        if finished.returncode:
            hidden = next((each for path in (self.path, program) for each in _closed(path)), program)
            raise RefusedError(
                f"the databases do not run as root but as nobody, who cannot enter {hidden}: "
                "start as an ordinary user, or use a checkout and a --state-dir that everybody may enter"
            )

    def remove(self) -> None:
        """Remove the folder, at the end; the mark goes last, so that a later start knows whose the rest is."""
        for _ in range(_REMOVALS):  # a thread may still write to it
            with contextlib.suppress(OSError):
                self._empty()
                (self.path / _MARK).unlink(missing_ok=True)
                self.path.rmdir()
                break
        self._lock.close()


def remove_segment(file: Path, *, patience: float = _DETACH_SECONDS) -> None:
    """Remove the shared memory of a database that was killed, which `file`, its postmaster.pid, names.

    A session of it may live a moment longer. PostgreSQL refuses to start beside one that is attached, so the segment
    stays when one still is after `patience` seconds.
    """
    try:
        segment = file.read_text(encoding="utf-8").splitlines()[_SEGMENT_LINE].split()
    except (OSError, IndexError):
        return  # it ended by itself, or never came so far
    wait_until(lambda: not _attached(segment), seconds=patience, pause=0.01)
    if _attached(segment) == 0:
        _LIBC.shmctl(int(segment[1]), _IPC_RMID, None)


def _attached(segment: list[str]) -> int | None:
    """How many processes are attached to the segment of this key and id (see proc(5)); None when there is none."""
    for line in _SEGMENTS.read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split()
        if fields[:2] == segment:
            return int(fields[6])
    return None


def _closed(path: Path) -> list[Path]:
    """Folders on the way to `path` that not everybody may enter, the outermost first."""
    return [
        each for each in reversed([path, *path.parents]) if each.is_dir() and not each.stat().st_mode & stat.S_IXOTH
    ]
