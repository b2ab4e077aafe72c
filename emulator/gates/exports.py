"""What CloudFormation refuses of a stack's exports while other stacks import them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def refused_exports(before: Mapping[str, str], after: Mapping[str, str], imports: Mapping[str, set[str]]) -> str:
    """What CloudFormation says of an export that changes or goes although a stack imports it; empty where none does.

    `imports` holds the export names that each other stack imports (User Guide, "Get exported outputs from a deployed
    CloudFormation stack"; the wording is that of public logs).
    """
    for name in before:
        if before[name] == after.get(name):
            continue
        users = sorted(stack for stack, imported in imports.items() if name in imported)
        if users:
            change = "deleted" if name not in after else "updated"
            return f"Export {name} cannot be {change} as it is in use by {' and '.join(users)}"
    return ""
