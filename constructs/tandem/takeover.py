"""The takeover switch: one item in the secondary Region, a function that sets it, an endpoint that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_logs as logs
from constructs import Construct

from contract import environment
from contract.checks import TAKEOVER_PATH, checked_path
from contract.tables import PARTITION_KEY
from tandem.api import CHECK_BURST, CHECK_RATE, log_access
from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.retention import removal
from tandem.routing import endpoint_check

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53

__all__ = ["TakeoverFunction", "TakeoverSwitch"]


class TakeoverFunction(Construct):
    """The plan's custom action: it exists in both Regions and always writes to the secondary Region's table.

    A Region switch plan demands the function in every Region that it can activate (ARC Developer Guide, custom action
    Lambda execution block). `table_region` is the secondary Region, whatever Region this is.
    """

    def __init__(self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, table_region: str) -> None:
        super().__init__(scope, construct_id)
        names = defaults.names
        self.runtime = RuntimeFunction(
            self,
            "Takeover",
            name="takeover",
            defaults=defaults,
            description="Sets, releases and tells the takeover switch",
            timeout=Duration.seconds(10),
            memory_megabytes=256,
            told=(environment.Takeover(takeover_table=names.takeover_table, takeover_region=table_region),),
        )
        self.function = self.runtime.function
        self.runtime.allow(
            "dynamodb:GetItem", "dynamodb:PutItem", on=[names.table_arn(names.takeover_table, table_region)]
        )
        self.runtime.allow_key(defaults.key)


class TakeoverSwitch(Construct):
    """The switch of a dual stage, in the secondary Region.

    Setting it needs that Region's Lambda and DynamoDB, and nothing of the primary's. Its health check is inverted:
    healthy while its path does not answer 200. So a dead secondary never takes the primary out of service.

    `part` ends the path that the check asks. It is None in a stage without a domain: nothing is checked there, because
    no record follows the check, and clients may ask the endpoint themselves.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, part: str | None = None
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = self._add_table(defaults)
        switch = TakeoverFunction(self, "Switch", defaults=defaults, table_region=defaults.region)
        self.runtime, self.function = switch.runtime, switch.function
        self.function.node.add_dependency(self.table)
        self.access_logs = logs.LogGroup(
            self,
            "AccessLogs",
            encryption_key=defaults.key,
            retention=defaults.log_retention,
            removal_policy=removal(retain=defaults.retain),
        )
        path = checked_path(TAKEOVER_PATH, part)
        self.api = self._add_api(path)
        self.url = f"{self.api.api_endpoint}{path}"
        self.endpoint_host = f"{self.api.api_id}.execute-api.{Stack.of(self).region}.amazonaws.com"
        self.health_check: route53.IHealthCheck | None = None
        """Healthy while nobody has taken over."""
        if part:
            self.health_check = endpoint_check(self, "NotTakenOver", host=self.endpoint_host, path=path, inverted=True)

    def _add_table(self, defaults: FunctionDefaults) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            "Table",
            table_name=defaults.names.takeover_table,
            partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(defaults.key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=defaults.retain,
            removal_policy=removal(retain=defaults.retain),
        )

    def _add_api(self, path: str) -> apigateway.HttpApi:
        api = apigateway.HttpApi(self, "Api", create_default_stage=False)
        route = apigateway.HttpRoute(
            api,
            "GET--takeover",
            http_api=api,
            route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.GET),
            integration=integrations.HttpLambdaIntegration("Takeover", self.function),
            authorizer=apigateway.HttpNoneAuthorizer(),
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=CHECK_RATE, burst_limit=CHECK_BURST),
        )
        log_access(stage, self.access_logs)
        stage.node.add_dependency(route)
        return api
