"""AWS Backup's restore testing plans and their selections."""

from __future__ import annotations

from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, register

_PLAN, _SELECTION = "RestoreTestingPlan", "RestoreTestingSelection"


def _create_plan(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = call(api("backup"), "create_restore_testing_plan", {}, RestoreTestingPlan=properties)
    return made[f"{_PLAN}Name"], {f"{_PLAN}Arn": made[f"{_PLAN}Arn"]}


def _update_plan(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    changed = {"RestoreTestingPlanName": name, "RestoreTestingPlan": properties}
    made = call(api("backup"), "update_restore_testing_plan", {}, **changed)
    return name, {f"{_PLAN}Arn": made[f"{_PLAN}Arn"]}


def _delete_plan(name: str, _properties: Properties) -> None:
    ignoring_errors(api("backup").delete_restore_testing_plan, RestoreTestingPlanName=name)


def _create_selection(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    plan, name = properties[f"{_PLAN}Name"], properties[f"{_SELECTION}Name"]
    made = {"RestoreTestingPlanName": plan, "RestoreTestingSelection": properties}
    call(api("backup"), "create_restore_testing_selection", {}, **made)
    return f"{plan}|{name}", {}


def _update_selection(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    plan, _, selection = name.partition("|")
    named = {"RestoreTestingPlanName": plan, "RestoreTestingSelectionName": selection}
    call(api("backup"), "update_restore_testing_selection", {}, **named, RestoreTestingSelection=properties)
    return name, {}


def _delete_selection(name: str, _properties: Properties) -> None:
    plan, _, selection = name.partition("|")
    ignoring_errors(
        api("backup").delete_restore_testing_selection,
        RestoreTestingPlanName=plan,
        RestoreTestingSelectionName=selection,
    )


def register_restore_tests() -> None:
    """Register them."""
    register(f"AWS::Backup::{_PLAN}", create=_create_plan, update=_update_plan, delete=_delete_plan)
    register(f"AWS::Backup::{_SELECTION}", create=_create_selection, update=_update_selection, delete=_delete_selection)
