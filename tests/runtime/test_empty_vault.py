from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

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
