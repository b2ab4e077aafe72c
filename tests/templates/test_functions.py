from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Match

from contract.limits import SLACK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


CDKS_OWN = (
    "CustomCrossRegionExportReaderCustomResourceProviderHandler",
    "CustomCrossRegionExportWriterCustomResourceProviderHandler",
    "CustomS3AutoDeleteObjectsCustomResourceProviderHandler",
    "CustomVpcRestrictDefaultSGCustomResourceProviderHandler",
    "AWS679f53fac002430cb0da5b7982bd2287",  # AwsCustomResource's
    "MigrationsProviderframeworkonEvent",
    "JournalStreamProviderframeworkonEvent",
    "VaultEmptierProviderframeworkonEvent",
    "CopiesEmptierProviderframeworkonEvent",
)
"""How the logical ids of CDK's providers begin: none of them can be traced, and of ours they hold no data."""


def functions(templates: Stage, stage: str) -> list[tuple[str, dict[str, Any]]]:
    """Every function of a stage, with its logical id."""
    return [
        (name, found["Properties"])
        for template in templates(stage).values()
        for name, found in template.find_resources("AWS::Lambda::Function").items()
    ]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_function_of_ours_is_arm64_traced_encrypted_and_logs_where_we_say(templates: Stage, stage: str) -> None:
    ours = [each for each in functions(templates, stage) if "tandem_runtime" in each[1]["Handler"]]
    assert ours
    for name, properties in ours:
        assert properties["Architectures"] == ["arm64"], name
        assert properties.get("TracingConfig") == {"Mode": "Active"}, name
        assert "LogGroup" in properties["LoggingConfig"], name
        assert "KmsKeyArn" in properties, name


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_function_that_is_not_ours_is_a_provider_of_cdks(templates: Stage, stage: str) -> None:
    others = [name for name, properties in functions(templates, stage) if "tandem_runtime" not in properties["Handler"]]
    assert [name for name in others if not name.startswith(CDKS_OWN)] == []


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_an_environment_that_names_what_is_ours_is_encrypted_by_our_key(templates: Stage, stage: str) -> None:
    for name, properties in functions(templates, stage):
        variables = properties.get("Environment", {}).get("Variables", {})
        if set(variables) - {"AWS_NODEJS_CONNECTION_REUSE_ENABLED"}:
            assert "KmsKeyArn" in properties, name


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


def test_the_slack_of_a_mark_exceeds_what_a_transaction_may_take_with_its_retry_and_two_clocks(
    templates: Stage,
) -> None:
    [transactions] = [
        each["Properties"]
        for each in templates("prod")["PrimaryRegionStack"].find_resources("AWS::Lambda::Function").values()
        if each["Properties"].get("FunctionName") == "tandem-transactions-prod"
    ]
    clocks_seconds = 10
    assert 2 * transactions["Timeout"] + clocks_seconds < SLACK_SECONDS
