"""Another pair of Regions, an imported domain and tokens, as the page has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks import composition
from stacks.settings.stage import load
from tests.extending.page import ROOT, blocks

if TYPE_CHECKING:
    from aws_cdk import Stack

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stack]:
    """The stage of the page, composed for AWS itself, and passed by every rule pack."""
    [text] = blocks("toml")
    folder = tmp_path_factory.mktemp("settings")
    (folder / "europe.toml").write_text(text, encoding="utf-8")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context=context)
    settings = load("europe", folder, account=ACCOUNT)
    composed = composition.build(app, settings)
    composition.check(app, settings)
    app.synth()
    return {stack.node.id: stack for stack in composed}


def test_each_stack_is_in_its_region_and_the_journal_in_all_three(stacks: dict[str, Stack]) -> None:
    assert {name: stack.region for name, stack in stacks.items()} == {
        "GlobalStack": "eu-west-1",
        "PrimaryRegionStack": "eu-central-1",
        "SecondaryRegionStack": "eu-west-1",
    }
    tables = Template.from_stack(stacks["PrimaryRegionStack"]).find_resources("AWS::DynamoDB::GlobalTable").values()
    [strong] = [table["Properties"] for table in tables if "GlobalTableWitnesses" in table["Properties"]]
    assert {replica["Region"] for replica in strong["Replicas"]} == {"eu-central-1", "eu-west-1"}
    assert strong["GlobalTableWitnesses"] == [{"Region": "eu-west-3"}]


def test_nothing_of_the_stage_names_a_region_of_america(stacks: dict[str, Stack]) -> None:
    for stack in stacks.values():
        text = json.dumps(Template.from_stack(stack).to_json())
        assert "us-west-2" not in text, stack.node.id


def test_clients_bring_tokens_to_the_imported_domain(stacks: dict[str, Stack]) -> None:
    Template.from_stack(stacks["GlobalStack"]).resource_count_is("AWS::Route53::HostedZone", 0)
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        template = Template.from_stack(stacks[name])
        template.has_resource_properties("AWS::ApiGatewayV2::DomainName", {"DomainName": "api.pay.tandem.io"})
        template.has_resource_properties("AWS::ApiGatewayV2::Authorizer", {"AuthorizerType": "JWT"})
