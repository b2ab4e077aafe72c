from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from contract.removal import REMOVAL_TAG, REMOVED_WITH_STACK
from tandem_runtime.empty_vault import handler
from tandem_runtime.empty_vault.logic import empty
from tandem_runtime.shared.custom_resource import answer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Points:
    """Recovery points that take `rounds` looks to go once they are deleted, and may refuse to be deleted at first."""

    def __init__(self, arns: list[str], *, rounds: int = 1, refused: int = 0, marked: bool = True) -> None:
        self.marked = marked
        self.status = dict.fromkeys(arns, "COMPLETED")
        self.deleted: list[str] = []
        self._rounds, self._refused = rounds, refused

    def is_marked(self) -> bool:
        return self.marked

    def remaining(self) -> Iterator[tuple[str, str]]:
        yield from list(self.status.items())

    def delete(self, arn: str) -> str:
        if self._refused:
            self._refused -= 1
            return "the recovery point is being copied"
        self.deleted.append(arn)
        self.status[arn] = "DELETING"
        return ""

    def wait(self) -> None:
        self._rounds -= 1
        if self._rounds <= 0:
            self.status = {arn: status for arn, status in self.status.items() if status != "DELETING"}


def run(points: Points, *, looks: int = 100) -> None:
    left = iter(range(looks))
    empty(points, time_is_left=lambda: next(left, None) is not None, pause=points.wait)


def test_an_empty_vault_is_left_alone() -> None:
    points = Points([])
    run(points)
    assert points.deleted == []


def test_a_vault_that_is_to_be_kept_is_not_emptied() -> None:
    points = Points(["a"], marked=False)
    run(points)
    assert points.deleted == []
    assert points.status == {"a": "COMPLETED"}


def test_every_recovery_point_is_deleted_once_and_waited_for() -> None:
    points = Points(["a", "b"], rounds=3)
    run(points)
    assert points.deleted == ["a", "b"]
    assert points.status == {}


def test_a_recovery_point_that_cannot_be_deleted_yet_is_tried_again() -> None:
    points = Points(["a"], refused=2)
    run(points)
    assert points.deleted == ["a"]


def test_running_out_of_time_says_how_many_are_left_and_why() -> None:
    points = Points(["a"], refused=100)
    with pytest.raises(TimeoutError, match=r"1 recovery points are left \(the recovery point is being copied\)"):
        run(points, looks=2)


class Backup:
    """AWS Backup, which notes whether a recovery point was deleted; the vault is marked and holds one."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def list_tags(self, **_: object) -> dict[str, Any]:
        return {"Tags": {REMOVAL_TAG: REMOVED_WITH_STACK}}

    def get_paginator(self, _operation: str) -> Backup:
        return self

    def paginate(self, **_: object) -> list[dict[str, Any]]:
        return [{"RecoveryPoints": [{"RecoveryPointArn": "a"}] if not self.deleted else []}]

    def delete_recovery_point(self, **given: str) -> None:
        self.deleted.append(given["RecoveryPointArn"])


class Context:
    """What Lambda gives beside the event."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 100_000


@pytest.fixture
def backup(monkeypatch: pytest.MonkeyPatch) -> Backup:
    instead = Backup()
    monkeypatch.setattr(boto3, "client", lambda _service: instead)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    return instead


@pytest.mark.parametrize(("request_type", "deleted"), [("Create", []), ("Update", []), ("Delete", ["a"])])
def test_a_vault_is_emptied_on_deletion_alone(backup: Backup, request_type: str, deleted: list[str]) -> None:
    event = {"RequestType": request_type, "ResourceProperties": {"VaultName": "v", "VaultArn": "arn:v"}}
    assert handler.handler(event, Context()) == {"PhysicalResourceId": "empty-v"}
    assert backup.deleted == deleted


def test_an_update_from_0_2_0_deletes_its_resource_and_empties_no_vault(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[str] = []
    monkeypatch.setattr(handler, "answer", lambda _event, *, physical_id: answered.append(physical_id))
    properties = {"Vault": "v", "Arn": "arn:v"}
    handler.handler(
        {"RequestType": "Delete", "PhysicalResourceId": "empty-v", "ResourceProperties": properties}, Context()
    )
    assert (backup.deleted, answered) == ([], ["empty-v"])


@pytest.mark.usefixtures("backup")
def test_a_vault_that_cannot_be_emptied_fails_so_that_the_provider_tells_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", staticmethod(lambda: 0))
    event = {"RequestType": "Delete", "ResourceProperties": {"VaultName": "v", "VaultArn": "arn:v"}}
    with pytest.raises(TimeoutError, match="1 recovery points are left: delete the stack again"):
        handler.handler(event, Context())


EVENT = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Contents"}


@pytest.mark.parametrize(("failure", "status"), [("", "SUCCESS"), ("x" * 5000, "FAILED")])
def test_cloudformation_is_answered_at_its_url(failure: str, status: str) -> None:
    got: list[dict[str, Any]] = []

    class CloudFormation(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), CloudFormation) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        answer({**EVENT, "ResponseURL": url}, physical_id="empty-vault", failure=failure)
    [body] = got
    assert (body["Status"], body["PhysicalResourceId"], body["RequestId"]) == (status, "empty-vault", "request")
    assert len(body["Reason"]) <= 1000
