"""The keywords of a schema that combine others: all, any or one of several, conditions, and keys that ask for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.gates.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from emulator.gates.problems import Check


def combinations(schema: Mapping[str, Any], compiled: Callable[[Mapping[str, Any]], Check]) -> list[Check]:
    """The checks of a schema's combining keywords; `compiled` compiles a schema within it."""
    checks: list[Check] = [compiled(each) for each in schema.get("allOf") or ()]
    if options := [compiled(each) for each in schema.get("anyOf") or ()]:
        checks.append(_counted(options, lambda fitting: fitting > 0, "no subschema matched out of the total {total}"))
    if options := [compiled(each) for each in schema.get("oneOf") or ()]:
        checks.append(_counted(options, lambda fitting: fitting == 1, "{fitting} subschemas matched instead of one"))
    if "not" in schema:
        checks.append(_counted([compiled(schema["not"])], lambda fitting: fitting == 0, "subject must not be valid"))
    if "if" in schema:
        branches = [compiled(schema.get(key) or {}) for key in ("if", "then", "else")]
        checks.append(_conditional(*branches))
    checks += _of_keys(schema)
    for key, needed in (schema.get("dependencies") or {}).items():
        if isinstance(needed, dict):
            checks.append(_where_present(key, compiled(needed)))
    return checks


def _fits(check: Check, value: Any) -> bool:
    problems: list[Problem] = []
    check(value, "#", problems)
    return not problems


def _counted(options: list[Check], enough: Callable[[int], bool], wording: str) -> Check:
    def check(value: Any, path: str, problems: list[Problem]) -> None:
        fitting = sum(_fits(option, value) for option in options)
        if not enough(fitting):
            _note(problems, path, wording.format(fitting=fitting, total=len(options)))

    return check


def _conditional(condition: Check, then: Check, otherwise: Check) -> Check:
    def check(value: Any, path: str, problems: list[Problem]) -> None:
        (then if _fits(condition, value) else otherwise)(value, path, problems)

    return check


def _where_present(key: str, inner: Check) -> Check:
    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if isinstance(value, dict) and key in value:
            inner(value, path, problems)

    return check


def _of_keys(schema: Mapping[str, Any]) -> list[Check]:
    checks: list[Check] = []
    needs = {**(schema.get("dependencies") or {}), **(schema.get("dependentRequired") or {})}
    for key, others in needs.items():
        if isinstance(others, list):
            checks.append(_of_present(key, others, lambda one, value: one in value, "property [{one}] is required"))
    for key, others in (schema.get("dependentExcluded") or {}).items():
        checks.append(_of_present(key, others, lambda one, value: one not in value, "[{one}] cannot be there as well"))
    for keyword, enough in (("requiredXor", lambda count: count == 1), ("requiredOr", lambda count: count > 0)):
        if names := schema.get(keyword):
            checks.append(_required(names, enough, "one only" if keyword == "requiredXor" else "one at least"))
    return checks


def _of_present(key: str, others: Iterable[str], right: Callable[[str, Any], bool], wording: str) -> Check:
    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if isinstance(value, dict) and key in value:
            for one in others:
                if not right(one, value):
                    _note(problems, path, f"{wording.format(one=one)} where [{key}] is")

    return check


def _required(names: list[str], enough: Callable[[int], bool], wording: str) -> Check:
    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if isinstance(value, dict) and not enough(sum(name in value for name in names)):
            _note(problems, path, f"{wording} of [{', '.join(names)}] is required")

    return check


def _note(problems: list[Problem], path: str, message: str) -> None:
    problems.append(Problem(path=path, message=message))
