"""Where the log of one invocation ends: the environment says it, so nobody polls for lines that may never come."""

from __future__ import annotations

from emulator.functions.environment_template import END_OF_LOG

_MARK = f"{END_OF_LOG}\n".encode()


def until_end(log: bytearray) -> str | None:
    """Take the log of one invocation out of what was read; None where its end is missing.

    What a thread writes after the answer belongs to the next invocation.
    """
    end = log.find(_MARK)
    if end < 0:
        return None
    text = bytes(log[:end])
    del log[: end + len(_MARK)]
    return _lines(text)


def all_of(log: bytearray) -> str:
    """Take everything out of what was read: an environment that died before its answer says no end."""
    text = bytes(log)
    log.clear()
    return _lines(text)


def _lines(text: bytes) -> str:
    return text.decode("utf-8", errors="replace").removesuffix("\n")
