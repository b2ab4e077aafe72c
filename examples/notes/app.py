"""Notes that survive the loss of a Region: a replicated table, its key, and a function in each Region that writes.

cdk deploy --all --app "python -m examples.notes.app" -c account=123456789012
"""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from tandem.journal import Journal
from tandem.keys import MultiRegionKey, ReplicaKey

HOME, AWAY, TABLE = "us-east-1", "us-west-2", "notes"
STACKS = ("NotesShared", "NotesHome", "NotesAway")
WRITE = f"""
import boto3
def handler(event, _):
    item = {{"pk": {{"S": event["id"]}}, "text": {{"S": event["text"]}}}}
    boto3.client("dynamodb").put_item(TableName="{TABLE}", Item=item)
"""


class Shared(Stack):
    """The key, in the Region that must outlive the other one."""

    def __init__(self, app: App, name: str, *, account: str, **stack: Any) -> None:
        super().__init__(app, name, **stack)
        self.key = MultiRegionKey(self, "Key", account=account, role_prefixes=STACKS, retain=False).key


class Writer(Stack):
    """A Region's writer; at home, the key's replica and the table too, which brings its replica away."""

    def __init__(self, app: App, name: str, *, account: str, shared: Shared, home: bool, **stack: Any) -> None:
        super().__init__(app, name, **stack)
        key = self._home(account, shared.key) if home else shared.key
        code = lambda_.InlineCode(WRITE)
        write = lambda_.Function(
            self,
            "Write",
            function_name="notes",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="index.handler",
            code=code,
        )
        dynamodb.Table.from_table_name(self, "Notes", TABLE).grant_write_data(write)
        key.grant_encrypt_decrypt(write)

    def _home(self, account: str, shared: kms.IKey) -> kms.IKey:
        replica = ReplicaKey(
            self, "Key", primary_key_arn=shared.key_arn, account=account, role_prefixes=STACKS, retain=False
        )
        Journal(self, "Journal", table_name=TABLE, key=replica.key, retain=False, replica=AWAY, replica_key=shared)
        return replica.key


def build(app: App, account: str) -> None:
    """Compose the three stacks, which are deployed in this order."""
    home, away = (Environment(account=account, region=region) for region in (HOME, AWAY))
    shared = Shared(app, STACKS[0], account=account, env=away, cross_region_references=True)
    first = Writer(app, STACKS[1], account=account, shared=shared, home=True, env=home, cross_region_references=True)
    Writer(app, STACKS[2], account=account, shared=shared, home=False, env=away).add_stack_dependency(first)


if __name__ == "__main__":
    app = App()
    build(app, app.node.get_context("account"))
    app.synth()
