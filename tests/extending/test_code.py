"""A field, a function and a table as the page adds them, in a copy of the code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from contract.names import Names, arn
from stacks.placement import Placement
from stacks.settings.stage import load
from tandem import functions
from tests.extending.page import ROOMS, ROOT, blocks, copied, files
from tests.functions import environment

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ACCOUNT = "000000000000"
BODY = {"debit_account": "alice", "credit_account": "bob", "amount": "12.34", "currency": "EUR"}
ASK = """
import dataclasses, json, sys
from tandem_runtime.shared.transaction import Transaction
from tandem_runtime.transactions.request import transaction_of
transactions = [
    transaction_of(body, transaction_id="0" * 8 + "-0000-0000-0000-" + "0" * 12, origin="us-east-1",
                   recorded_at="2026-01-31T12:00:00.000000Z", caller="AROAEXAMPLE")
    for body in json.load(sys.stdin)
]
assert [Transaction.from_item(each.to_item()) for each in transactions] == transactions
print(json.dumps([[each.payload_hash, each.to_item()] for each in transactions]))
"""


def run(folder: Path, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in the copy, whose rooms come before those of the checkout."""
    paths = os.pathsep.join(str(folder / each) for each in ("", "constructs", "runtime"))
    variables = environment() | {"PYTHONPATH": paths, "PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=variables, input=given, capture_output=True, text=True, check=False)


def recorded(folder: Path, *bodies: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The payload's hash and the journal item of each body, by the code in `folder`."""
    answer = run(folder, sys.executable, "-c", ASK, given=json.dumps(bodies))
    assert answer.returncode == 0, answer.stderr[-800:]
    return [(payload_hash, item) for payload_hash, item in json.loads(answer.stdout)]


def test_a_field_that_is_absent_changes_neither_hash_nor_item_and_one_that_is_there_changes_both(
    tmp_path: Path,
) -> None:
    before = recorded(ROOT, BODY)
    folder = copied(tmp_path, "contract", "runtime")
    [difference] = blocks("diff")
    applied = run(folder, "git", "apply", "-C1", "-", given=difference)
    assert applied.returncode == 0, applied.stderr
    absent, empty, present = recorded(folder, BODY, {**BODY, "reference": ""}, {**BODY, "reference": "order 7"})
    assert [absent, empty] == before * 2
    assert present[0] != absent[0]
    assert present[1]["reference"] == {"S": "order 7"}
    checked = run(folder, sys.executable, "-m", "ruff", "check", "runtime")
    assert checked.returncode == 0, checked.stdout


def test_a_function_is_missing_in_the_layers_until_it_is_named_there(tmp_path: Path) -> None:
    folder = copied(tmp_path, *ROOMS)
    for path, text in files().items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "runtime/tandem_runtime/statement/__init__.py").write_text('"""Statements."""\n', encoding="utf-8")
    checked = run(folder, sys.executable, "-m", "ruff", "check", *files())
    assert checked.returncode == 0, checked.stdout
    missing = run(folder, "lint-imports", "--no-cache")
    assert missing.returncode != 0
    assert "statement" in missing.stdout + missing.stderr
    [script] = blocks("sed")
    assert run(folder, "sed", "-i", script.strip(), "pyproject.toml").returncode == 0
    whole = run(folder, "lint-imports", "--no-cache")
    assert whole.returncode == 0, whole.stdout + whole.stderr


def test_the_table_is_in_both_regions_and_each_regions_function_writes_its_own_replica(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "statement.zip").write_bytes(b"")
    monkeypatch.setattr(functions, "BUNDLES", tmp_path)
    page: dict[str, Any] = {"__name__": "statement"}
    exec(files()["constructs/tandem/statement.py"], page)  # noqa: S102 - the page's own code
    placement = Placement(load("staging", ROOT / "settings", account=ACCOUNT))
    for role, region, other in (("primary", "us-east-1", "us-west-2"), ("secondary", "us-west-2", "us-east-1")):
        stack = Stack(App(), "Stack", env=Environment(account=ACCOUNT, region=region))
        keys = [
            kms.Key.from_key_arn(stack, name, arn("kms", "key/1", region=where, account=ACCOUNT))
            for name, where in (("Own", region), ("Other", other))
        ]
        defaults = placement.function_defaults(role=role, key=keys[0])
        replica_key = keys[1] if role == "primary" else None
        page["Statements"](stack, "Statements", defaults=defaults, replica_key=replica_key)
        template = Template.from_stack(stack)
        table = Names(stage="staging", account=ACCOUNT).table_arn(page["TABLE"], region)
        template.has_resource_properties(
            "AWS::IAM::Policy",
            {
                "PolicyDocument": {
                    "Statement": Match.array_with(
                        [Match.object_like({"Action": "dynamodb:PutItem", "Resource": table})]
                    )
                }
            },
        )
        if role == "secondary":
            template.resource_count_is("AWS::DynamoDB::GlobalTable", 0)
            continue
        [replicated] = template.find_resources("AWS::DynamoDB::GlobalTable").values()
        assert {replica["Region"] for replica in replicated["Properties"]["Replicas"]} == {region, other}
