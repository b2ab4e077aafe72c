"""The page of all settings, made from the models that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from stacks.settings.stage import Settings
from stacks.settings.tables import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = {
    "_seconds": "seconds",
    "_minutes": "minutes",
    "_days": "days",
    "_capacity": "ACU",
    "_concurrency": "environments",
    "readers": "instances",
    "rate": "requests a second",
    "burst": "requests",
}
"""Units by how a key ends."""

RULES = {"cidr": "an IPv4 network of /16 to /22 that a VPC takes, such as 10.0.0.0/16"}
"""What a model checks itself, and no type says."""

COSTS = {
    "topology": "`dual` pays for a second Region",
    "ledger.readers": "each is one more instance",
    "ledger.minimum_capacity": "charged by the hour while idle",
    "ledger.maximum_capacity": "bounds what load may cost",
    "ledger.backup_days": "storage",
    "ledger.idle_seconds": "how long an idle ledger is charged before it pauses",
    "documents.replication": "requests and traffic; `time-control` by the GB on top",
    "domain": "a hosted zone, health checks, queries",
    "backup.copy_hourly": "each copy is full, and charged as such",
    "backup.lock": "points cannot be deleted before their time",
    "functions.log_retention_days": "storage of logs",
    "game_days.action_minutes": "by the minute of each action, while an experiment runs",
    "recovery.plan": "by the month",
}
"""What a key adds to the bill. `make costs` says how much."""

HEAD = """# Settings

What `settings/<stage>.toml` may hold, made from the models that check it (`stacks/settings/`). A key that has no
default must be there. A key that is unknown or misspelt is refused with the nearest one that exists; rules between
keys are told when they are broken. Prices are on [the page of costs](costs.md), and `make costs STAGE=prod` has those
of a stage. To make this page again: `TANDEM_WRITE_SETTINGS=yes pytest tests/settings`.
"""
COLUMNS = "| key | default | unit | allowed | cost |\n| --- | --- | --- | --- | --- |\n"


def page() -> str:
    """The whole page, as `docs/settings.md` has it."""
    schema = Settings.model_json_schema()
    parts = [HEAD, *_table("", "", Settings, schema, schema["$defs"])]
    return "\n".join(parts)


def _table(
    key: str, text: str, model: type[Group], schema: dict[str, Any], definitions: dict[str, Any]
) -> Iterator[str]:
    """A model's own keys, then the tables below it."""
    rows, below = [], []
    for name, field in model.model_fields.items():
        path, given = f"{key}{name}", schema["properties"][name]
        group = _group(field.annotation)
        if group is None:
            default = "" if field.is_required() else _shown(field.get_default())
            allowed = "; ".join([*_allowed(given), *_requirements(field.metadata, field.annotation)]) or RULES[name]
            rows.append(f"| `{path}` | {default} | {_unit(name)} | {allowed} | {COSTS.get(path, '')} |\n")
        else:
            below.append((path, group, "" if field.is_required() else "May be left out. "))
    table = f"\n{COLUMNS}{''.join(rows)}" if rows else ""
    yield (f"## `[{key[:-1]}]`\n\n{text}\n" if key else "## Top level\n") + table
    for path, group, left_out in below:
        cost = f" Cost: {COSTS[path]}." if path in COSTS else ""
        about = " ".join(str(group.__doc__).split())
        yield from _table(f"{path}.", f"{left_out}{about}{cost}", group, definitions[group.__name__], definitions)


def _group(annotation: Any) -> type[Group] | None:
    kinds = [annotation, *get_args(annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Group)), None)


def _unit(name: str) -> str:
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")


def _shown(value: object) -> str:
    match value:
        case None:
            return "unset"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return f"`{list(value)}`"
        case str():
            return f'`"{value}"`'
    return f"`{value}`"


def _allowed(given: dict[str, Any]) -> Iterator[str]:
    """What the schema says of a value."""
    for each in given.get("anyOf", [given]):
        if "enum" in each:
            yield ", ".join(_shown(value) for value in each["enum"])
        elif "minimum" in each:
            step = f", in steps of {each['multipleOf']:g}" if "multipleOf" in each else ""
            yield f"{each['minimum']:,} to {each['maximum']:,}{step}"
        elif each.get("type") == "boolean":
            yield "`true`, `false`"
        elif each.get("type") == "array":
            yield f"{each['minItems']} to {each['maxItems']} of them" if "minItems" in each else "any number of them"


def _requirements(metadata: Any, annotation: Any) -> Iterator[str]:
    """What the first check of a text says when it is given something else."""
    for each in metadata:
        if isinstance(each, AfterValidator):
            try:
                each.func("\0")  # type: ignore[call-arg] # a check of a text takes the text alone
            except PydanticCustomError as error:
                yield error.message().removeprefix("must be ").replace("|", "\\|")
                return
    for inner in get_args(annotation):
        yield from _requirements(getattr(inner, "__metadata__", ()), inner)
