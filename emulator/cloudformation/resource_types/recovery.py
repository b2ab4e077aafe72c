"""What moves traffic and the writer: Route 53 health checks and ARC Region switch plans."""

from __future__ import annotations

import os

from emulator.cloudformation.calls import api, call, decapitalized
from emulator.cloudformation.resource_types.registry import Properties, register


def _create_health_check(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    reference = f"{stack}-{logical_id}-{os.urandom(4).hex()}"
    made = call(api("route53"), "create_health_check", properties, CallerReference=reference)["HealthCheck"]
    return made["Id"], {"HealthCheckId": made["Id"]}


def _update_health_check(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    call(api("route53"), "update_health_check", properties["HealthCheckConfig"], HealthCheckId=name)
    return name, {"HealthCheckId": name}


def _delete_health_check(name: str, _properties: Properties) -> None:
    api("route53").delete_health_check(HealthCheckId=name)


def _create_plan(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = api("arc-region-switch").create_plan(**_members("CreatePlan", properties))["plan"]
    return made["arn"], _plan_attributes(made)


def _update_plan(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = api("arc-region-switch").update_plan(**_members("UpdatePlan", properties), arn=name)["plan"]
    return name, _plan_attributes(made)


def _delete_plan(name: str, _properties: Properties) -> None:
    api("arc-region-switch").delete_plan(arn=name)


def _members(operation: str, properties: Properties) -> Properties:
    """CloudFormation's properties as the API's members, whose names begin in lower case."""
    shape = api("arc-region-switch").meta.service_model.operation_model(operation).input_shape
    named: Properties = decapitalized(shape, properties)
    return named


def _plan_attributes(plan: Properties) -> Properties:
    return {"Arn": plan["arn"], "Owner": plan["owner"], "Version": plan["version"]}


def register_recovery() -> None:
    """Register them."""
    register(
        "AWS::Route53::HealthCheck",
        create=_create_health_check,
        update=_update_health_check,
        delete=_delete_health_check,
    )
    register("AWS::ARCRegionSwitch::Plan", create=_create_plan, update=_update_plan, delete=_delete_plan)
