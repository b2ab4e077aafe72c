"""Names that a template leaves out: stack, logical id and a suffix, of which the first two are cut at their ends.

MiniStack cuts both as one, so that a long stack's name takes the logical id away. CloudFormation keeps the beginning of
either: of the stack's name at least 24 characters where a name has room for them (seen in names that AWS generated).
"""

from __future__ import annotations

from typing import Any

from emulator import ministack

_KEPT_OF_STACK = 24
_UNCUT = 10_000


def cut(stack: str, logical_id: str, room: int) -> tuple[str, str]:
    """Return what is left of a stack's name and a logical id where `room` characters hold both."""
    if len(stack) + len(logical_id) <= room:
        return stack, logical_id
    least = min(_KEPT_OF_STACK, room // 2)
    kept = stack[: max(least, room - len(logical_id))]
    return kept, logical_id[: room - len(kept)]


def install() -> None:
    """Take the place of MiniStack's cut, with its suffix."""
    stock = ministack.CFN_PHYSICAL_NAME.value

    def name(stack: str, logical_id: str, *, max_len: int = 128, **options: Any) -> str:
        whole = str(stock(stack, logical_id, max_len=_UNCUT, **options))
        suffix = whole[len(f"{stack}-{logical_id}-") :]
        first, second = cut(stack, logical_id, max_len - len(suffix) - 2)
        made = f"{first}-{second}-{suffix}"
        return made.lower() if options.get("lowercase") else made

    ministack.CFN_PHYSICAL_NAME.replace(name)
