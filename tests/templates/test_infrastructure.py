"""What the infrastructure of every stage must be, where no construct's own tests say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("dev", "staging", "prod")
REGIONAL = ("PrimaryRegionStack", "SecondaryRegionStack")
TAGS = {"Environment", "Stage", "Region-Role", "ManagedBy"}
WITHOUT_A_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "dynamodb:ListStreams",
    "backup:UpdateRegionSettings",
    "cloudwatch:GetMetricStatistics",
    "lambda:GetAccountSettings",
    # a restore job is no resource that a policy can name (Service Authorization Reference, AWS Backup)
    "backup:DescribeRestoreJob",
    "backup:PutRestoreValidationResult",
    # Lambda wants these on every resource of the role that it attaches a function with
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    # AWS FIS looks at what it is to change, and has its log delivered (AWS FIS User Guide, actions reference)
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "dynamodb:InjectError",
    "logs:CreateLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
    "tag:GetResources",
}


def found(templates: dict[str, Template], kind: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in templates.values():
        for name, resource in template.to_json()["Resources"].items():
            if kind is None or resource["Type"] == kind:
                yield name, resource


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def tags(resource: dict[str, Any]) -> list[dict[str, str]]:
    """The tags of a resource, under each of the properties that types keep them in."""
    properties = resource.get("Properties", {})
    lists = [value for key, value in properties.items() if key.endswith("Tags")]
    lists += [replica["Tags"] for replica in properties.get("Replicas", []) if "Tags" in replica]
    return [each if isinstance(each, dict) else {tag["Key"]: tag["Value"] for tag in each} for each in lists]


OF_A_PERSON_WHO_LOOKS = {
    "acm:ListCertificates",
    "backup:ListRestoreJobs",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "dynamodb:DescribeLimits",
    "fis:ListExperimentTemplates",
    "fis:ListExperiments",
    "lambda:GetAccountSettings",
    "rds:DescribeDBEngineVersions",
    "rds:DescribeDBInstances",
    "s3:ListAllMyBuckets",
    "servicequotas:ListServiceQuotas",
}
"""Lists of a whole account: they know no resource, or all of a kind when they are asked by a filter."""


@pytest.mark.parametrize("stage", STAGES)
def test_clusters_buckets_and_secrets_are_encrypted_by_a_key_of_ours(templates: Stage, stage: str) -> None:
    for name, cluster in found(templates(stage), "AWS::RDS::DBCluster"):
        assert cluster["Properties"]["StorageEncrypted"] is True, name
        assert cluster["Properties"]["KmsKeyId"], name
    for name, secret in found(templates(stage), "AWS::SecretsManager::Secret"):
        assert secret["Properties"]["KmsKeyId"], name
    log_buckets = {
        bucket["Properties"]["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
        for _, bucket in found(templates(stage), "AWS::S3::Bucket")
        if "LoggingConfiguration" in bucket["Properties"]
    }
    for name, bucket in found(templates(stage), "AWS::S3::Bucket"):
        encryption = str(bucket["Properties"]["BucketEncryption"])
        assert ("AES256" if name in log_buckets else "KMSMasterKeyID") in encryption, name
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}, name
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}, name


@pytest.mark.parametrize("stage", STAGES)
def test_no_route_leads_to_the_internet(templates: Stage, stage: str) -> None:
    routes = list(found(templates(stage), "AWS::EC2::Route"))
    assert bool(routes) is (stage != "dev")
    for name, route in routes:
        assert route["Properties"]["DestinationCidrBlock"].startswith("10."), name
        assert "VpcPeeringConnectionId" in route["Properties"], name


@pytest.mark.parametrize("stage", STAGES)
def test_every_cluster_authenticates_by_iam_forces_tls_exports_logs_and_keeps_backups(
    templates: Stage, stage: str
) -> None:
    clusters = list(found(templates(stage), "AWS::RDS::DBCluster"))
    assert len(clusters) == (1 if stage == "dev" else 2)
    for name, cluster in clusters:
        properties = cluster["Properties"]
        assert properties["EnableIAMDatabaseAuthentication"] is True, name
        assert properties["EnableHttpEndpoint"] is True, name
        assert properties["EnableCloudwatchLogsExports"] == ["postgresql"], name
        assert properties["BackupRetentionPeriod"] == {"dev": 1, "staging": 7, "prod": 35}[stage], name
    for name, group in found(templates(stage), "AWS::RDS::DBClusterParameterGroup"):
        assert group["Properties"]["Parameters"]["rds.force_ssl"] == "1", name


@pytest.mark.parametrize("stage", STAGES)
def test_one_setting_versions_every_member_of_the_ledger(templates: Stage, stage: str) -> None:
    versions = {
        resource["Properties"]["EngineVersion"]
        for kind in ("AWS::RDS::GlobalCluster", "AWS::RDS::DBCluster")
        for _, resource in found(templates(stage), kind)
    }
    assert len(versions) == 1


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_both_regions_run_the_same_code_with_the_same_resources(templates: Stage, stage: str) -> None:
    def functions(stack: str) -> dict[str, tuple[Any, ...]]:
        settings = ("Runtime", "Handler", "MemorySize", "Timeout", "Architectures", "ReservedConcurrentExecutions")
        return {
            function["FunctionName"]: (*(function.get(each) for each in settings), function["Code"]["S3Key"])
            for _, resource in found({stack: templates(stage)[stack]}, "AWS::Lambda::Function")
            for function in [resource["Properties"]]
            if "FunctionName" in function
        }

    primary, secondary = (functions(stack) for stack in REGIONAL)
    assert {f"tandem-{name}-{stage}" for name in ("transactions", "health", "projector", "sweeper")} <= set(secondary)
    joins = {f"tandem-stream-{stage}", f"tandem-compare-{stage}"}
    assert set(secondary) - set(primary) == joins, "the Region that joins looks up its stream and compares the ledgers"
    shared = set(secondary) & set(primary)
    assert {name: secondary[name] for name in shared} == {name: primary[name] for name in shared}


@pytest.mark.parametrize(
    ("stage", "reserved"),
    [("dev", {}), ("staging", {}), ("prod", {"tandem-health-prod": 20})],
)
def test_concurrency_is_reserved_where_it_protects_the_health_check_and_nowhere_else(
    templates: Stage, stage: str, reserved: dict[str, int]
) -> None:
    for stack in REGIONAL if stage != "dev" else REGIONAL[:1]:
        given = {
            function["Properties"]["FunctionName"]: function["Properties"]["ReservedConcurrentExecutions"]
            for _, function in found({stack: templates(stage)[stack]}, "AWS::Lambda::Function")
            if "ReservedConcurrentExecutions" in function["Properties"]
        }
        assert given == reserved


@pytest.mark.parametrize("stage", STAGES)
def test_only_actions_that_know_no_resource_are_allowed_on_all(templates: Stage, stage: str) -> None:
    for name, policy in found(templates(stage), "AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"]):
                assert set(as_list(statement["Action"])) <= WITHOUT_A_RESOURCE | OF_A_PERSON_WHO_LOOKS, name


@pytest.mark.parametrize("stage", STAGES)
def test_the_code_of_a_function_in_the_vpc_may_not_touch_interfaces(templates: Stage, stage: str) -> None:
    for name, policy in found(templates(stage), "AWS::IAM::Policy"):
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        if name.startswith("GameDayRole"):
            continue  # no function's: AWS FIS makes interfaces that it tags
        allowed = [each for each in statements if "ec2:CreateNetworkInterface" in as_list(each["Action"])]
        assert [each["Effect"] for each in allowed] in ([], ["Allow", "Deny"]), name
        for each in allowed[1:]:
            assert "lambda:SourceFunctionArn" in each["Condition"]["ArnEquals"], name


@pytest.mark.parametrize("stage", STAGES)
def test_every_log_group_is_kept_for_a_time_and_no_longer(templates: Stage, stage: str) -> None:
    groups = list(found(templates(stage), "AWS::Logs::LogGroup"))
    assert groups
    assert all("RetentionInDays" in group["Properties"] for _, group in groups)


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_nothing_of_a_stage_that_can_be_destroyed_is_retained_or_protected(templates: Stage, stage: str) -> None:
    for name, resource in found(templates(stage)):
        assert resource.get("DeletionPolicy", "Delete") == "Delete", name
        properties = resource.get("Properties", {})
        assert not properties.get("DeletionProtection"), name
        assert not properties.get("LockConfiguration"), name
        assert not any(replica.get("DeletionProtectionEnabled") for replica in properties.get("Replicas", [])), name


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_has_tags_says_whose_it_is(templates: Stage, stage: str) -> None:
    for stack, template in templates(stage).items():
        role = {"GlobalStack": "global", "PrimaryRegionStack": "primary", "SecondaryRegionStack": "secondary"}[stack]
        tagged = 0
        for name, resource in found({stack: template}):
            for each in tags(resource):
                assert set(each) >= TAGS, name
                assert (each["Stage"], each["Region-Role"], each["ManagedBy"]) == (stage, role, "cdk"), name
                tagged += 1
        assert tagged >= 2


@pytest.mark.parametrize("stage", STAGES)
def test_parameters_are_below_the_stage_and_hold_something(templates: Stage, stage: str) -> None:
    for name, parameter in found(templates(stage), "AWS::SSM::Parameter"):
        assert parameter["Properties"]["Name"].startswith(f"/tandem/{stage}/"), name
        assert parameter["Properties"]["Value"] not in ("", "None", None), name


def test_one_region_names_no_takeover_function_for_it_has_none(templates: Stage) -> None:
    names = [parameter["Properties"]["Name"] for _, parameter in found(templates("dev"), "AWS::SSM::Parameter")]
    assert "/tandem/dev/takeover-function" not in names


@pytest.mark.parametrize("stage", STAGES)
def test_no_attribute_is_a_placeholder(templates: Stage, stage: str) -> None:
    def values(part: Any) -> Iterator[Any]:
        if isinstance(part, dict):
            for each in part.values():
                yield from values(each)
        elif isinstance(part, list):
            for each in part:
                yield from values(each)
        else:
            yield part

    for name, resource in found(templates(stage)):
        assert all(value is not None and value != "None" for value in values(resource)), name


@pytest.mark.parametrize("stage", STAGES)
def test_what_ended_reaches_the_topic_by_the_word_that_each_job_uses_for_its_state(
    templates: Stage, stage: str
) -> None:
    """A restore job has a status, the others a state (AWS Backup Developer Guide, EventBridge)."""
    for stack in REGIONAL if stage != "dev" else REGIONAL[:1]:
        rules = {
            kind: pattern["detail"]
            for _, rule in found({stack: templates(stage)[stack]}, "AWS::Events::Rule")
            for pattern in [rule["Properties"].get("EventPattern", {})]
            for kind in pattern.get("detail-type", [])
            if pattern.get("source") == ["aws.backup"]
        }
        for job in ("Backup", "Copy"):
            assert rules[f"{job} Job State Change"]["state"] == ["FAILED", "ABORTED", "EXPIRED"]
        assert rules["Restore Job State Change"]["status"] == ["FAILED", "ABORTED"]


@pytest.mark.parametrize("stage", STAGES)
def test_backups_begin_only_after_the_region_has_opted_in(templates: Stage, stage: str) -> None:
    for name, plan in found(templates(stage), "AWS::Backup::BackupPlan"):
        assert any("OptIn" in each for each in plan["DependsOn"]), name
