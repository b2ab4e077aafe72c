"""What a stage costs in a month in which nobody uses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract.checks import HEALTH_PATH
from costs import restore_tests
from costs.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from costs.prices import Prices
    from costs.template import Resource

    Rule = Callable[[Resource, Prices, "Stage"], Iterator[Line]]

MILLION = 1_000_000
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}

FREE = {
    "AWS::ApiGatewayV2::Api": "charged by request",
    "AWS::ApiGatewayV2::ApiMapping": "part of an API",
    "AWS::ApiGatewayV2::Authorizer": "part of an API",
    "AWS::ApiGatewayV2::DomainName": "a custom domain of an HTTP API is not charged",
    "AWS::ApiGatewayV2::Integration": "part of an API",
    "AWS::ApiGatewayV2::Route": "part of an API",
    "AWS::ApiGatewayV2::Stage": "part of an API",
    "AWS::Backup::BackupPlan": "charged by what its points hold",
    "AWS::Backup::BackupSelection": "part of a plan",
    "AWS::Backup::BackupVault": "charged by what its points hold",
    "AWS::Backup::RestoreTestingSelection": "part of a plan",
    "AWS::CDK::Metadata": "no resource",
    "AWS::CertificateManager::Certificate": "public certificates are free",
    "AWS::DynamoDB::GlobalTable": "on-demand: charged by request and by what it holds",
    "AWS::EC2::FlowLog": "charged by log volume",
    "AWS::EC2::Route": "part of a network",
    "AWS::EC2::RouteTable": "part of a network",
    "AWS::EC2::SecurityGroup": "part of a network",
    "AWS::EC2::SecurityGroupEgress": "part of a network",
    "AWS::EC2::SecurityGroupIngress": "part of a network",
    "AWS::EC2::Subnet": "part of a network",
    "AWS::EC2::SubnetRouteTableAssociation": "part of a network",
    "AWS::EC2::VPC": "part of a network",
    "AWS::EC2::VPCPeeringConnection": "charged by traffic",
    "AWS::FIS::ExperimentTemplate": "charged by the minute of each action while an experiment runs",
    "AWS::IAM::ManagedPolicy": "free",
    "AWS::IAM::Policy": "free",
    "AWS::IAM::Role": "free",
    "AWS::Lambda::EventSourceMapping": "polling a stream from Lambda is free",
    "AWS::Lambda::Function": "charged by invocation; what checks and schedules invoke is a line of its own",
    "AWS::Lambda::Permission": "free",
    "AWS::Lambda::EventInvokeConfig": "free",
    "AWS::Logs::LogGroup": "charged by log volume",
    "AWS::RDS::DBCluster": "charged by its instances",
    "AWS::RDS::DBClusterParameterGroup": "free",
    "AWS::RDS::DBSubnetGroup": "free",
    "AWS::RDS::GlobalCluster": "charged by its clusters",
    "AWS::Route53::RecordSet": "charged by query",
    "AWS::S3::Bucket": "charged by what it holds",
    "AWS::S3::BucketPolicy": "free",
    "AWS::SNS::Subscription": "charged by message",
    "AWS::SNS::Topic": "charged by message",
    "AWS::SNS::TopicPolicy": "free",
    "AWS::SQS::Queue": "charged by message",
    "AWS::SQS::QueuePolicy": "free",
    "AWS::SSM::Parameter": "standard parameters are free",
    "AWS::SecretsManager::SecretTargetAttachment": "part of a secret",
}
"""Types without a charge by the month, and why."""


class Stage:
    """All resources of a stage, and the questions that more than one rule asks of them."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        """Take the resources of all its stacks."""
        self.resources = resources

    def of_type(self, kind: str, region: str | None = None) -> list[Resource]:
        """Return the resources of one type, of one Region or of all."""
        return [each for each in self.resources if each.type == kind and region in (None, each.region)]

    def minimum_capacity(self, region: str) -> float:
        """Return the ACUs that an instance of the Region's cluster has at least."""
        [cluster] = self.of_type("AWS::RDS::DBCluster", region)
        return float(cluster.properties["ServerlessV2ScalingConfiguration"]["MinCapacity"])

    def memory_gb(self, region: str, function: str) -> float:
        """Return the memory of a function by a part of its name, in GB; 0 where the Region has none."""
        for each in self.of_type("AWS::Lambda::Function", region):
            if f"-{function}-" in str(each.properties.get("FunctionName", "")):
                return float(each.properties.get("MemorySize", 128)) / 1024
        return 0.0

    def replicas(self) -> int:
        """Return how many Regions write the journal that are charged for it: a witness is none."""
        return max(len(each.properties["Replicas"]) for each in self.of_type("AWS::DynamoDB::GlobalTable"))


def unpriced(resources: Sequence[Resource]) -> list[str]:
    """Return the types that no rule prices and no reason excuses."""
    return sorted(
        {each.type for each in resources if not each.type.startswith("Custom::")} - FREE.keys() - RULES.keys()
    )


def idle(resources: Sequence[Resource], prices: Prices) -> list[Line]:
    """Return what is charged by the month whether or not anybody uses the stage."""
    stage = Stage(resources)
    lines = [line for each in resources if each.type in RULES for line in RULES[each.type](each, prices, stage)]
    return lines + _own_metrics(stage, prices)


def _own_metrics(stage: Stage, prices: Prices) -> list[Line]:
    """Return what emitted metrics cost: those that alarms watch, because no template names the others."""
    names: dict[str, set[str]] = {}
    for alarm in stage.of_type("AWS::CloudWatch::Alarm"):
        for metric in (alarm.properties, *(each.get("MetricStat", {}) for each in alarm.properties.get("Metrics", []))):
            description = metric.get("Metric", metric)
            if description.get("Namespace", "").startswith("Tandem"):
                names.setdefault(alarm.region, set()).add(
                    repr(description.get("MetricName")) + repr(description.get("Dimensions"))
                )
    price = prices.of("cloudwatch", "metric_month")
    return [
        Line(
            region=region,
            service="metrics of its own",
            dollars=len(watched) * price,
            counted=f"{len(watched)} that alarms watch",
        )
        for region, watched in names.items()
    ]


def _flat(service: str, unit: str, what: str) -> Rule:
    def rule(resource: Resource, prices: Prices, _stage: Stage) -> Iterator[Line]:
        price = prices.of(service, unit)
        yield Line(region=resource.region, service=what, dollars=price, counted=f"{price:.2f} each")

    return rule


def _instance(resource: Resource, prices: Prices, stage: Stage) -> Iterator[Line]:
    kind = resource.properties["DBInstanceClass"]
    if kind != "db.serverless":
        raise ValueError(f"no price for the instance class {kind!r}: add it to costs/prices.toml")
    capacity, price = stage.minimum_capacity(resource.region), prices.of("acu", "hour")
    yield Line(
        region=resource.region,
        service="Aurora instances at minimum capacity",
        dollars=capacity * price * prices.hours,
        counted=f"{capacity:g} ACU x {price:.2f} an hour" if capacity else "0 while paused",
    )


def _health_check(resource: Resource, prices: Prices, stage: Stage) -> Iterator[Line]:
    config = resource.properties["HealthCheckConfig"]
    if config["Type"] == "CALCULATED":
        yield Line(
            region="global",
            service="health checks",
            dollars=prices.of("route53", "check_month"),
            counted="calculated",
        )
        return
    features = int(config["Type"].startswith("HTTPS")) + int(config["RequestInterval"] == 10)  # noqa: PLR2004 - the fast one
    yield Line(
        region="global",
        service="health checks",
        dollars=prices.of("route53", "check_month") + features * prices.of("route53", "feature_month"),
        counted=f"{config['Type']} every {config['RequestInterval']} s",
    )
    yield _probes(resource, prices, stage)


def _probes(resource: Resource, prices: Prices, stage: Stage) -> Line:
    config = resource.properties["HealthCheckConfig"]
    requests = prices.use("checkers") / config["RequestInterval"] * prices.hours * 3600
    health = HEALTH_PATH in str(config["ResourcePath"])
    memory = stage.memory_gb(resource.region, "health" if health else "takeover")
    seconds = prices.use("health_seconds" if health else "takeover_seconds")
    each = prices.of("api", "request_million") + prices.of("lambda", "request_million")
    each += memory * seconds * prices.of("lambda", "gb_second") * MILLION
    each += prices.use("health_reads") * prices.of("dynamodb", "read_million")
    if health:
        each += prices.use("health_writes") * stage.replicas() * prices.of("dynamodb", "write_million")
    return Line(
        region=resource.region,
        service="requests that the checks cause",
        dollars=requests / MILLION * each,
        counted=f"{requests / MILLION:.1f} million x {each:.2f}",
    )


def _schedule(resource: Resource, prices: Prices, stage: Stage) -> Iterator[Line]:
    every = RATE.fullmatch(resource.properties.get("ScheduleExpression", ""))
    if every is None:
        return
    rule_targets = resource.properties.get("Targets", ())
    runs = prices.hours * 3600 / (int(every[1]) * SECONDS[every[2]]) * len(rule_targets)
    text = str(rule_targets)
    function = next((name for name in ("recover", "sweeper", "canary", "health") if name in text.lower()), "")
    memory = stage.memory_gb(resource.region, function)
    use = {"sweeper": "sweep_seconds", "health": "health_seconds"}.get(function, "recover_seconds")
    seconds = prices.use(use)
    each = prices.of("lambda", "request_million") / MILLION + memory * seconds * prices.of("lambda", "gb_second")
    if function == "health":
        each += prices.use("health_reads") * prices.of("dynamodb", "read_million") / MILLION
        each += prices.use("health_writes") * stage.replicas() * prices.of("dynamodb", "write_million") / MILLION
    yield Line(
        region=resource.region,
        service="functions on a schedule",
        dollars=runs * each,
        counted=f"{function or 'a function'}, {runs:,.0f} times {seconds:g} s",
    )


def _endpoint(resource: Resource, _prices: Prices, _stage: Stage) -> Iterator[Line]:
    if resource.properties.get("VpcEndpointType", "Gateway") != "Gateway":
        raise ValueError(f"no price for the interface endpoint {resource.id}: add it to costs/prices.toml")
    yield from ()


RULES: dict[str, Rule] = {
    "AWS::ARCRegionSwitch::Plan": _flat("region_switch", "plan_month", "recovery plan"),
    restore_tests.PLAN: restore_tests.instance,
    "AWS::CloudWatch::Alarm": _flat("cloudwatch", "alarm_month", "alarms"),
    "AWS::CloudWatch::CompositeAlarm": _flat("cloudwatch", "composite_alarm_month", "composite alarms"),
    "AWS::CloudWatch::Dashboard": _flat("cloudwatch", "dashboard_month", "dashboards"),
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::Events::Rule": _schedule,
    "AWS::KMS::Key": _flat("kms", "key_month", "keys"),
    "AWS::KMS::ReplicaKey": _flat("kms", "key_month", "keys"),
    "AWS::RDS::DBInstance": _instance,
    "AWS::Route53::HealthCheck": _health_check,
    "AWS::Route53::HostedZone": _flat("route53", "zone_month", "zone"),
    "AWS::SecretsManager::Secret": _flat("secrets", "secret_month", "secrets"),
}
