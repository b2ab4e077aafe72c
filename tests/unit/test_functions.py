from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_every_function_of_ours_is_arm64_traced_and_logs_where_we_say(templates: Stage) -> None:
    for stack in templates("prod").values():
        for found in stack.find_resources("AWS::Lambda::Function").values():
            properties = found["Properties"]
            if "tandem_runtime" in properties["Handler"]:
                assert properties["Architectures"] == ["arm64"]
                assert properties["TracingConfig"] == {"Mode": "Active"}
                assert "LogGroup" in properties["LoggingConfig"]
                assert "KmsKeyArn" in properties


def test_both_regions_run_the_same_functions(templates: Stage) -> None:
    def names(stack: str) -> set[str]:
        found = templates("prod")[stack].find_resources("AWS::Lambda::Function").values()
        return {each["Properties"].get("FunctionName", "") for each in found} - {""}

    shared = {f"tandem-{name}-prod" for name in ("transactions", "health", "projector", "sweeper")}
    assert shared <= names("PrimaryRegionStack")
    assert shared <= names("SecondaryRegionStack")


def test_no_role_of_a_function_allows_every_action(templates: Stage) -> None:
    for stack in templates("prod").values():
        for policy in stack.find_resources("AWS::IAM::Policy").values():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                assert "*" not in ([actions] if isinstance(actions, str) else actions)


def test_the_health_check_never_enters_the_network(templates: Stage) -> None:
    templates("prod")["PrimaryRegionStack"].has_resource_properties(
        "AWS::Lambda::Function", {"FunctionName": "tandem-health-prod", "VpcConfig": Match.absent()}
    )


def test_transactions_has_the_ten_seconds_within_which_its_calls_give_up(templates: Stage) -> None:
    for stack in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[stack].has_resource_properties(
            "AWS::Lambda::Function", {"FunctionName": "tandem-transactions-prod", "Timeout": 10}
        )
