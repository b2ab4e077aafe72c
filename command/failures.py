"""What the machine itself refuses a command, a full disk for one, in one line that names the cause and the remedy."""

from __future__ import annotations

import errno

_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or have the quota raised",
    errno.EADDRINUSE: "choose another port, or end what has it",
    errno.EACCES: "use a path that this user may write to",
    errno.EROFS: "use a path that can be written to",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
}


def one_line(error: Exception) -> str | None:
    """Return what failed; of what the system refused: which file, why, and what to do before it is run again.

    None for what is neither the system's nor AWS's: a fault of ours, which is shown as it is.
    """
    if not isinstance(error, OSError):
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - `tandem --version` needs no AWS

        return " ".join(str(error).split()) if isinstance(error, (BotoCoreError, ClientError)) else None
    path = f"{error.filename}: " if error.filename else ""
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    remedy = _REMEDIES.get(error.errno or 0)
    return " ".join(f"{path}{reason}{f': {remedy}, then run this again' if remedy else ''}".split())
