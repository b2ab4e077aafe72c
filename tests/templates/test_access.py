"""The roles for people: what each may do, and who else may move the switch or the writer."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

MOVES = {"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster", "arc-region-switch:StartPlanExecution"}
CHANGES = (
    *(f"*:{verb}*" for verb in ("Put", "Update", "Delete", "Create", "Start", "Failover", "Switchover", "Purge")),
    "rds-data:*",
    "*:*Secret*",
)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of each policy of a stage, with the logical id of its policy."""
    for template in templates.values():
        for name, policy in template.find_resources("AWS::IAM::Policy").items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement


def of_role(templates: dict[str, Template], role: str) -> list[dict[str, Any]]:
    return [statement for name, statement in statements(templates) if name.startswith(f"People{role}")]


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for statement in statements for action in as_list(statement["Action"])}


def invoked(statements: list[dict[str, Any]]) -> set[str]:
    """The names of the functions that the statements allow to be invoked."""
    return {
        str(resource).rpartition(":")[2]
        for statement in statements
        if "lambda:InvokeFunction" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_stage_has_a_role_that_reads_and_one_that_operates_which_the_account_lets_people_assume(
    templates: Stage, stage: str
) -> None:
    roles = {
        role["Properties"]["RoleName"]: role["Properties"]
        for role in templates(stage)["GlobalStack"].find_resources("AWS::IAM::Role").values()
        if "RoleName" in role["Properties"]
    }
    assert roles.keys() == {f"tandem-reader-{stage}", f"tandem-operator-{stage}"}
    for properties in roles.values():
        [trust] = properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Action"] == "sts:AssumeRole"
        assert trust["Principal"].keys() == {"AWS"}
        assert ":root" in str(trust["Principal"]["AWS"])


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_reader_changes_nothing_and_reads_no_secret(templates: Stage, stage: str) -> None:
    allowed = actions(of_role(templates(stage), "Reader"))
    assert [action for action in sorted(allowed) if any(fnmatchcase(action, each) for each in CHANGES)] == []
    assert invoked(of_role(templates(stage), "Reader")) <= {f"tandem-compare-{stage}"}


def test_the_operator_may_do_what_the_reader_may_and_moves_what_the_stage_has(templates: Stage) -> None:
    for stage, moves in (
        ("dev", set()),
        ("staging", MOVES - {"arc-region-switch:StartPlanExecution"}),
        ("prod", MOVES),
    ):
        own = templates(stage)
        reads, acts = actions(of_role(own, "Reader")), actions(of_role(own, "Operator"))
        assert reads < acts
        assert acts & MOVES == moves


def test_nobody_but_operators_recover_and_the_plan_may_invoke_takeover_or_the_sweeper(templates: Stage) -> None:
    allowed: dict[str, set[str]] = {"takeover": set(), "sweeper": set()}
    for name, statement in statements(templates("prod")):
        for function in invoked([statement]):
            for which, policies in allowed.items():
                if function == f"tandem-{which}-prod":
                    policies.add(name)
    begin = {which: {name.partition("RoleDefaultPolicy")[0] for name in names} for which, names in allowed.items()}
    assert {each[:14] for each in begin["takeover"]} == {"PeopleOperator", "RecoveryPlan", "RecoveryRecove"}
    assert {each[:14] for each in begin["sweeper"]} == {"PeopleOperator", "RecoveryRecove", "VerificationVe"}


def test_every_resource_of_an_operator_is_the_stage_s_but_for_reads_that_have_none(templates: Stage) -> None:
    for statement in of_role(templates("prod"), "Operator"):
        if statement["Resource"] == "*":
            reads = {action.partition(":")[2] for action in as_list(statement["Action"])}
            assert all(read.startswith(("Describe", "Get", "List")) for read in reads)
            continue
        for resource in as_list(statement["Resource"]):
            # experiments have ids that AWS FIS chooses: their tag says whose they are
            named = f"{resource}{statement['Condition']}" if ":fis:" in str(resource) else str(resource)
            own = "prod" in named or "hostedzone" in str(resource) or "Zone" in str(resource)
            assert own or any(
                each in str(resource) for each in ("certificate/*", "cdk-bootstrap", "ServiceRoleForFIS")
            ), resource
