"""A stage whose domain is delegated, and whose clients bring tokens: the same stage with other settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from contract.canary import ROUTES
from stacks import composition
from stacks.settings.stage import load

ROOT = Path(__file__).parents[2]
REGIONAL = ("PrimaryRegionStack", "SecondaryRegionStack")
TOKENS = '[api]\nauthorization = "jwt"\njwt_issuer = "https://issuer.example.com/"\njwt_audience = "clients"\n[domain]'
ZONES = {
    "delegated": 'zone = "delegated"',
    "imported": 'zone = "imported"\nhosted_zone_id = "Z0123456789ABC"',
    "child": 'zone = "child"\nhosted_zone_id = "Z0123456789ABC"\nparent_name = "tandem.example.com"',
}


@pytest.fixture(params=ZONES, scope="module")
def delegated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Template]]:
    """The kind of zone, and the templates of a staging that has it and takes tokens."""
    folder = tmp_path_factory.mktemp("settings")
    text = (ROOT / "settings" / "staging.toml").read_text(encoding="utf-8")
    name = 'name = "staging.tandem.example.com"'
    text = text.replace(name, f"{name}\n{ZONES[request.param]}").replace("[domain]", TOKENS)
    (folder / "staging.toml").write_text(text, encoding="utf-8")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    stacks = composition.build(App(context=context), load("staging", folder, account="000000000000"))
    return request.param, {stack.node.id: Template.from_stack(stack) for stack in stacks}


def test_the_zone_is_imported_or_created_and_delegated(delegated: tuple[str, dict[str, Template]]) -> None:
    kind, templates = delegated
    created = 0 if kind == "imported" else 1
    templates["GlobalStack"].resource_count_is("AWS::Route53::HostedZone", created)
    delegations = templates["GlobalStack"].find_resources("AWS::Route53::RecordSet")
    assert [record["Properties"]["Type"] for record in delegations.values()] == ["NS"] * (kind == "child")


def test_each_region_serves_the_name_with_a_certificate_of_its_own(
    delegated: tuple[str, dict[str, Template]],
) -> None:
    _, templates = delegated
    for stack in REGIONAL:
        template = templates[stack]
        [certificate] = template.find_resources("AWS::CertificateManager::Certificate")
        template.has_resource_properties(
            "AWS::ApiGatewayV2::DomainName",
            {
                "DomainName": "api.staging.tandem.example.com",
                "DomainNameConfigurations": [
                    Match.object_like({"CertificateArn": {"Ref": certificate}, "EndpointType": "REGIONAL"})
                ],
            },
        )
        template.resource_count_is("AWS::ApiGatewayV2::ApiMapping", 1)
        [domain] = template.find_resources("AWS::ApiGatewayV2::DomainName")
        [record] = template.find_resources("AWS::Route53::RecordSet").values()
        assert record["Properties"]["ResourceRecords"] == [{"Fn::GetAtt": [domain, "RegionalDomainName"]}]


def test_every_route_but_those_of_the_health_check_and_the_canary_takes_tokens_of_the_issuer(
    delegated: tuple[str, dict[str, Template]],
) -> None:
    _, templates = delegated
    for stack in REGIONAL:
        template = templates[stack]
        template.has_resource_properties(
            "AWS::ApiGatewayV2::Authorizer",
            {
                "AuthorizerType": "JWT",
                "JwtConfiguration": {"Audience": ["clients"], "Issuer": "https://issuer.example.com/"},
            },
        )
        routes = template.find_resources("AWS::ApiGatewayV2::Route").values()
        kinds = {route["Properties"]["RouteKey"]: route["Properties"]["AuthorizationType"] for route in routes}
        [checked] = [key for key in kinds if key.startswith("GET /healthz")]
        assert kinds.pop(checked) == "NONE"
        assert {kinds.pop(route) for route in ROUTES} == {"AWS_IAM"}
        assert set(kinds.values()) == {"JWT"}
        scopes = {each["Properties"]["RouteKey"]: each["Properties"].get("AuthorizationScopes") for each in routes}
        assert {route: scope for route, scope in scopes.items() if scope} == {
            "POST /transactions": ["tandem/write"],
            "GET /transactions/{id}": ["tandem/read"],
            "POST /transactions/{id}/documents": ["tandem/write"],
            "GET /transactions/{id}/documents": ["tandem/read"],
            "GET /accounts/{account}": ["tandem/accounts"],
        }
