"""The pipes of one execution environment: an event goes in, an answer and a log come out, in one thread.

MiniStack starts a thread for each call and keeps another that reads the log. Each hands over Python's global lock, for
which it waits up to five milliseconds where a third thread computes: that was most of a call's time under load.
"""

from __future__ import annotations

import json
import os
import select
import time
from dataclasses import dataclass
from typing import Any

from emulator.functions.logs import all_of, until_end

_CHUNK_BYTES = 1 << 16
_PATIENCE_SECONDS = 0.25
"""How long the end of a log is waited for that the environment did not write before its answer."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an environment answered, None where it ended or was late (`late`), and what it logged until then."""

    response: dict[str, Any] | None
    log: str
    late: bool = False


class Pipes:
    """The ends that the embedded AWS holds; their descriptors are closed with it. One thread asks at a time."""

    def __init__(self, stdin: int, stdout: int, stderr: int) -> None:
        self._files = [os.fdopen(stdin, "wb", 0), os.fdopen(stdout, "rb", 0), os.fdopen(stderr, "rb", 0)]
        self._in, self._out, self._err = stdin, stdout, stderr
        for each in (stdin, stdout, stderr):
            os.set_blocking(each, False)
        self._log, self._answers = bytearray(), bytearray()
        self._open = {stdout: self._answers, stderr: self._log}

    def close(self) -> None:
        """Close them: nothing can be asked any more."""
        for each in self._files:
            each.close()

    def ask(self, message: object, *, statuses: tuple[str, ...], seconds: float | None = None) -> Answer:
        """Write a message as a line, and read until an answer of one of `statuses`; wait `seconds`, None for ever.

        The answer `ready` leaves the log where it is: it belongs to the first invocation.
        """
        left = memoryview(json.dumps(message).encode() + b"\n")
        deadline = None if seconds is None else time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._in, select.POLLOUT)
        for each in self._open:
            poll.register(each, select.POLLIN)
        while True:
            response = self._response(statuses)
            if response is not None:
                ready = response.get("status") == "ready"
                return Answer(response=response, log="" if ready else self._whole_log())
            if self._out not in self._open:
                self._read(self._err)
                return Answer(response=None, log=all_of(self._log))
            wait = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            events = poll.poll(wait)
            if not events:
                return Answer(response=None, log=all_of(self._log), late=True)
            for descriptor, _ in events:
                if descriptor == self._in:
                    left = self._write(left)
                    if not left:
                        poll.unregister(self._in)
                elif not self._read(descriptor):
                    poll.unregister(descriptor)

    def _response(self, statuses: tuple[str, ...]) -> dict[str, Any] | None:
        """The next answer that was read; a line that is none is left out."""
        while (end := self._answers.find(b"\n")) >= 0:
            line = bytes(self._answers[:end])
            del self._answers[: end + 1]
            try:
                response = json.loads(line)
            except ValueError:
                continue
            if isinstance(response, dict) and response.get("status") in statuses:
                return response
        return None

    def _whole_log(self) -> str:
        """The log of the invocation that was answered: its end is in the pipe before the answer is."""
        self._read(self._err)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (log := until_end(self._log)) is None:
            left = deadline - time.monotonic()
            if left <= 0 or self._err not in self._open:
                return all_of(self._log)
            poll = select.poll()
            poll.register(self._err, select.POLLIN)
            poll.poll(left * 1000)
            self._read(self._err)
        return log

    def _write(self, data: memoryview) -> memoryview:
        """Write what fits; what an environment that ended does not take is dropped, and its end is noticed then."""
        try:
            return data[os.write(self._in, data) :]
        except BlockingIOError:
            return data
        except OSError:
            return data[:0]

    def _read(self, descriptor: int) -> bool:
        """Read what is there; whether there may be more."""
        if descriptor not in self._open:
            return False
        try:
            while chunk := os.read(descriptor, _CHUNK_BYTES):
                self._open[descriptor] += chunk
                if len(chunk) < _CHUNK_BYTES:
                    return True
        except BlockingIOError:
            return True
        except OSError:
            pass
        del self._open[descriptor]
        return False
