"""What a disabled customer key encrypts is refused by DynamoDB, S3 and SNS, in its own Region alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.encryption import tables_of
from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TABLE, BUCKET = "sealed", "sealed-bucket"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("encryption", "--lag-milliseconds", "0") as running:
        yield running


@pytest.fixture(scope="module")
def keys(aws: Running) -> dict[str, str]:
    """A key of each Region, by which the Region's replica of the table is encrypted."""
    made = {region: aws.client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (EAST, WEST)}
    aws.table(TABLE, EAST, WEST)
    for region, key in made.items():
        specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        aws.client("dynamodb", region).update_table(TableName=TABLE, SSESpecification=specification)
    return made


@pytest.fixture
def without_key(aws: Running, keys: dict[str, str]) -> Iterator[str]:
    """The ARN of the first Region's key, which is disabled meanwhile."""
    kms = aws.client("kms")
    kms.disable_key(KeyId=keys[EAST])
    yield keys[EAST]
    kms.enable_key(KeyId=keys[EAST])


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def test_a_table_is_neither_read_nor_written_until_its_key_is_enabled(aws: Running, keys: dict[str, str]) -> None:
    aws.put(EAST, TABLE, "before")
    aws.client("kms").disable_key(KeyId=keys[EAST])
    client, item = aws.client("dynamodb"), {"id": {"S": "a"}}
    try:
        for call in (
            lambda: aws.put(EAST, TABLE, "a"),
            lambda: aws.get(EAST, TABLE, "before"),
            lambda: client.scan(TableName=TABLE),
            lambda: client.batch_get_item(RequestItems={TABLE: {"Keys": [item]}}),
            lambda: client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": item}}]),
        ):
            assert code_of(call) == "AccessDeniedException"
        assert client.describe_table(TableName=TABLE)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == keys[EAST]
    finally:
        aws.client("kms").enable_key(KeyId=keys[EAST])
    assert aws.get(EAST, TABLE, "before") == ""


def test_the_other_region_goes_on_and_its_writes_arrive_when_the_key_is_back(
    aws: Running, keys: dict[str, str]
) -> None:
    aws.client("kms").disable_key(KeyId=keys[EAST])
    try:
        aws.put(WEST, TABLE, "meanwhile", "written")
        assert aws.get(WEST, TABLE, "meanwhile") == "written"
        assert aws.state()["pending_replication"] == 1
    finally:
        aws.client("kms").enable_key(KeyId=keys[EAST])
    until(lambda: aws.get(EAST, TABLE, "meanwhile") == "written")


def test_a_stream_is_not_read_while_the_key_is_disabled(aws: Running, keys: dict[str, str]) -> None:
    aws.function(EAST, "counts", "def handler(event, context): return len(event['Records'])")
    aws.put(EAST, TABLE, "streamed")
    aws.client("kms").disable_key(KeyId=keys[EAST])
    logs = aws.client("logs")

    def invoked() -> bool:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/counts")["logGroups"]
        return bool(groups) and bool(logs.filter_log_events(logGroupName=groups[0]["logGroupName"])["events"])

    try:
        aws.deliver(EAST, TABLE, "counts")
        with pytest.raises(AssertionError, match="not within"):
            until(invoked, seconds=2)
    finally:
        aws.client("kms").enable_key(KeyId=keys[EAST])
    until(invoked)


def test_objects_are_neither_written_nor_read(aws: Running, keys: dict[str, str]) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys[EAST]}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    aws.client("kms").disable_key(KeyId=keys[EAST])
    try:
        assert code_of(lambda: s3.put_object(Bucket=BUCKET, Key="b", Body=b"b")) == "KMS.DisabledException"
        assert code_of(lambda: s3.get_object(Bucket=BUCKET, Key="a")) == "KMS.DisabledException"
    finally:
        aws.client("kms").enable_key(KeyId=keys[EAST])
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"a"


def test_nothing_is_published_to_a_topic(aws: Running, without_key: str) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="sealed", Attributes={"KmsMasterKeyId": without_key})["TopicArn"]
    entries = [{"Id": "1", "Message": "m"}]
    assert code_of(lambda: sns.publish(TopicArn=topic, Message="m")) == "KMSDisabled"
    assert code_of(lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)) == "KMSDisabled"
    plain = sns.create_topic(Name="plain")["TopicArn"]
    assert sns.publish(TopicArn=plain, Message="m")["MessageId"]


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        (b'{"TableName": "a"}', ["a"]),
        (b'{"RequestItems": {"a": {}, "b": []}}', ["a", "b"]),
        (b'{"TransactItems": [{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}]}', ["a", "b"]),
        (b"[]", []),
        (b"{", []),
        (b"", []),
    ],
)
def test_a_request_names_its_tables(body: bytes, tables: list[str]) -> None:
    assert list(tables_of(body)) == tables
