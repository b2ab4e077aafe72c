"""AWS FIS's experiment templates."""

from __future__ import annotations

import uuid

from emulator.cloudformation.calls import api, decapitalized, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, register

TYPE = "AWS::FIS::ExperimentTemplate"


def _create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    given = _members("CreateExperimentTemplate", properties)
    made = api("fis").create_experiment_template(**given, clientToken=str(uuid.uuid4()))["experimentTemplate"]
    return made["id"], {"Id": made["id"]}


def _update(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    api("fis").update_experiment_template(**_members("UpdateExperimentTemplate", properties), id=name)
    return name, {"Id": name}


def _delete(name: str, _properties: Properties) -> None:
    ignoring_errors(api("fis").delete_experiment_template, id=name)


def _members(operation: str, properties: Properties) -> Properties:
    """CloudFormation's properties as the API's members, whose names begin in lower case."""
    shape = api("fis").meta.service_model.operation_model(operation).input_shape
    named: Properties = decapitalized(shape, properties)
    return named


def register_experiments() -> None:
    """Register them."""
    register(TYPE, create=_create, update=_update, delete=_delete)
