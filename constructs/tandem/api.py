"""The HTTP API of a Region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_logs as logs
from constructs import Construct

from contract.canary import ROUTES as CANARY_ROUTES
from contract.checks import HEALTH_PATH
from tandem.retention import removal

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53

    from tandem.functions import RuntimeFunction
    from tandem.retention import Keeping
    from tandem.settings import ApiSettings

__all__ = [
    "CHECK_BURST",
    "CHECK_RATE",
    "HEALTH_ROUTE",
    "ROUTES",
    "CustomDomain",
    "TransactionApi",
    "log_access",
    "scope_of",
]

ROUTES = (
    "POST /transactions",
    "GET /transactions/{id}",
    "POST /transactions/{id}/documents",
    "GET /transactions/{id}/documents",
    "GET /accounts/{account}",
)
HEALTH_ROUTE = f"GET {HEALTH_PATH}"
"""The route of the health check, where its path does not end in a part that nobody can guess."""

CHECK_RATE, CHECK_BURST = 100, 200
"""Requests per second, and at once, that a checked path takes: all checkers together ask about twice a second."""


def scope_of(route: str, settings: ApiSettings) -> str:
    """Return the scope that a token needs for one of ROUTES.

    Balances have one of their own: a caller reads its own transactions, and everybody's accounts.
    """
    if route.startswith("POST "):
        return settings.jwt_write_scope
    return settings.jwt_accounts_scope if "/accounts/" in route else settings.jwt_read_scope


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """The API's name in a delegated zone, where a certificate can be validated."""

    name: str
    zone: route53.IHostedZone


def log_access(stage: apigateway.HttpStage, log_group: logs.ILogGroup) -> apigateway.CfnStage:
    """Write one JSON line per request to `log_group`; returns the stage's L1 resource.

    No line names the route or the path, because those of the health checks are nobody else's to know. The functions'
    own logs name the route of each request that is not a check.

    It is set there because the L2's property takes an interface, which a Python class can be only with jsii's own
    decorators.
    """
    resource = stage.node.default_child
    assert isinstance(resource, apigateway.CfnStage)  # noqa: S101 - narrows a type: what the L2 makes
    resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
        destination_arn=log_group.log_group_arn,
        format=(
            '{"requestId":"$context.requestId","time":"$context.requestTime","method":"$context.httpMethod",'
            '"status":"$context.status","latency":"$context.responseLatency","caller":"$context.identity.caller"}'
        ),
    )
    return resource


class TransactionApi(Construct):
    """Routes to two functions, authorization, throttling, access logs, and a name of its own in a delegated zone.

    `canary` adds the routes of the canary, which signs its requests in every stage. `health_path` is what health checks
    ask; no metric and no access log names it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        transactions: RuntimeFunction,
        health: RuntimeFunction,
        settings: ApiSettings,
        keeping: Keeping,
        health_path: str = HEALTH_PATH,
        domain: CustomDomain | None = None,
        canary: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.health_path = health_path
        self._canary_routes = CANARY_ROUTES if canary else ()
        self.api = apigateway.HttpApi(self, "Api", create_default_stage=False, disable_execute_api_endpoint=False)
        self._add_routes(transactions, health, settings)
        self.access_logs = logs.LogGroup(
            self,
            "AccessLogs",
            encryption_key=keeping.key,
            retention=keeping.log_retention,
            removal_policy=removal(retain=keeping.retain),
        )
        self.stage = self._add_stage(settings)
        self.domain_name = self._add_domain(domain) if domain else None
        region = Stack.of(self).region
        self.endpoint_host = f"{self.api.api_id}.execute-api.{region}.amazonaws.com"
        self.url = self.api.api_endpoint

    def _add_routes(self, transactions: RuntimeFunction, health: RuntimeFunction, settings: ApiSettings) -> None:
        authorizer: apigateway.IHttpRouteAuthorizer = authorizers.HttpIamAuthorizer()
        by_token = bool(settings.jwt_issuer and settings.jwt_audience)
        if settings.jwt_issuer and settings.jwt_audience:
            authorizer = authorizers.HttpJwtAuthorizer("Jwt", settings.jwt_issuer, jwt_audience=[settings.jwt_audience])
        integration = integrations.HttpLambdaIntegration("Transactions", transactions.function)
        for route in ROUTES:
            method, path = route.split(" ")
            self.api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod[method]],
                integration=integration,
                authorizer=authorizer,
                authorization_scopes=[scope_of(route, settings)] if by_token else None,
            )
        for route in self._canary_routes:
            method, path = route.split(" ")
            self.api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod[method]],
                integration=integration,
                authorizer=authorizers.HttpIamAuthorizer(),
            )
        apigateway.HttpRoute(
            self.api,
            "GET--healthz",
            http_api=self.api,
            route_key=apigateway.HttpRouteKey.with_(self.health_path, apigateway.HttpMethod.GET),
            integration=integrations.HttpLambdaIntegration("Health", health.function),
            authorizer=apigateway.HttpNoneAuthorizer(),
        )

    def _add_stage(self, settings: ApiSettings) -> apigateway.HttpStage:
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
        )
        resource = log_access(stage, self.access_logs)
        # every request tells the function which API took it: naming it in the function's environment would be a cycle
        resource.stage_variables = {"endpoint": self.api.api_endpoint}
        named = {
            "ThrottlingRateLimit": settings.rate,
            "ThrottlingBurstLimit": settings.burst,
            "DetailedMetricsEnabled": True,
        }
        resource.route_settings = dict.fromkeys((*ROUTES, *self._canary_routes), named)
        # The default is the health check's alone: its route cannot be named here, and a metric would name its path.
        # Health checkers are few and must never be refused because clients are many.
        resource.default_route_settings = apigateway.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=CHECK_RATE, throttling_burst_limit=CHECK_BURST, detailed_metrics_enabled=False
        )
        for route in self.api.node.find_all():
            if isinstance(route, apigateway.CfnRoute):
                resource.add_resource_dependency(route)
        return stage

    def _add_domain(self, domain: CustomDomain) -> apigateway.DomainName:
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=domain.name,
            validation=acm.CertificateValidation.from_dns(domain.zone),
        )
        name = apigateway.DomainName(self, "Domain", domain_name=domain.name, certificate=certificate)
        apigateway.ApiMapping(self, "Mapping", api=self.api, domain_name=name, stage=self.stage)
        return name
