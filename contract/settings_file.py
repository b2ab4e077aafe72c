"""The one reader of a stage's settings: the app and the command take the same files, and refuse the same ones alike."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class UnreadableSettingsError(ValueError):
    """The file is there and is no settings: one line that names it, what is wrong and what to do."""


def values_of(file: Path) -> dict[str, Any]:
    """Return what the file holds, which is UTF-8, with or without a byte order mark.

    Raises FileNotFoundError where it is not there, because only who asks knows what to use instead, and
    UnreadableSettingsError.
    """
    try:
        # an editor may have put a byte order mark first, which TOML does not know
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableSettingsError(
            f"{file}: cannot be read: {error.strerror}: it must be a readable file"
        ) from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise UnreadableSettingsError(
            f"{file}: not UTF-8: byte 0x{byte:02x} at offset {error.start}: save it as UTF-8"
        ) from error
    except (ValueError, RecursionError) as error:  # also what TOML allows and Python does not: thousands of digits
        reason = str(error).partition(";")[0].replace("\n", " ")
        raise UnreadableSettingsError(f"{file}: not TOML: {reason}: correct it there") from error
    if not values:
        raise UnreadableSettingsError(
            f"{file}: is empty: write the stage's settings, as the files of the other stages do"
        )
    return values
