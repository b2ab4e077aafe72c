from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from contract.limits import HEARTBEAT_LIMIT_SECONDS
from tandem_runtime.health.logic import own_endpoint
from tandem_runtime.recover.adapters import Primary, StageRecovery
from tandem_runtime.recover.logic import REASON, Signals, UnderWayError, limit_of, recover

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recovery:
    """Says whether the primary writes, and remembers what was done."""

    def __init__(
        self,
        *,
        primary_writes: bool = True,
        refusal: str = "",
        taken_over_because: str | None = None,
        under_way: str = "",
    ) -> None:
        self.done: list[str] = []
        self._primary_writes, self._refusal = primary_writes, refusal
        self._taken_over_because, self._under_way = taken_over_because, under_way

    def primary_is_writer(self) -> bool:
        return self._primary_writes

    def taken_over_because(self) -> str | None:
        return self._taken_over_because

    def take_over(self) -> str:
        self.done.append("take over")
        return self._refusal

    def start(self) -> str:
        if self._under_way:
            raise UnderWayError(self._under_way)
        self.done.append("start")
        return "plan execution 1"


def test_both_signals_and_a_primary_that_writes_start_the_recovery_with_traffic_first() -> None:
    recovery = Recovery()
    decision = recover(Signals(300.0, lambda: False), recovery)
    assert decision == {"started": True, "takeover": "set", "by": "plan execution 1"}
    assert recovery.done == ["take over", "start"]


def test_a_switch_that_cannot_be_set_does_not_keep_the_ledger_where_it_is() -> None:
    recovery = Recovery(refusal="throttled")
    assert recover(Signals(300.0, lambda: False), recovery)["takeover"] == "throttled"
    assert recovery.done == ["take over", "start"]


@pytest.mark.parametrize(
    ("signals", "primary_writes", "because"),
    [
        (Signals(None, lambda: False), True, "heartbeat"),
        (Signals(5.0, lambda: False), True, "heartbeat"),
        (Signals(300.0, lambda: True), True, "endpoint answers"),
        (Signals(300.0, lambda: False), False, "not the writer"),
        (Signals(300.0, None), True, "endpoint is not known"),
    ],
)
def test_one_sign_of_life_is_enough_to_leave_things_as_they_are(
    signals: Signals, *, primary_writes: bool, because: str
) -> None:
    recovery = Recovery(primary_writes=primary_writes)
    decision = recover(signals, recovery)
    assert decision["started"] is False
    assert because in str(decision["because"])
    assert recovery.done == []


@contextmanager
def endpoint(status: int) -> Iterator[str]:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/stage/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/stage"


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False)])
def test_the_primary_is_probed_at_the_url_that_its_heartbeat_carries(status: int, *, alive: bool) -> None:
    with endpoint(status) as url:
        assert Primary(url).answers() is alive


def test_an_endpoint_that_refuses_does_not_answer() -> None:
    assert Primary("http://127.0.0.1:1").known
    assert Primary("http://127.0.0.1:1").answers() is False


@pytest.mark.parametrize("url", ["", "file:///etc/hostname", "api.example.com", "None"])
def test_what_is_no_endpoint_is_not_known(url: str) -> None:
    assert not Primary(url).known


def test_the_alarm_has_waited_already_and_the_schedule_waits_as_long() -> None:
    alarm = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change"}
    schedule = {"source": "aws.events", "detail-type": "Scheduled Event"}
    lost = Signals(HEARTBEAT_LIMIT_SECONDS + 1, lambda: False)
    assert recover(lost, Recovery(), limit=limit_of(alarm))["started"] is True
    assert recover(lost, Recovery(), limit=limit_of(schedule))["started"] is False
    assert recover(Signals(181.0, lambda: False), Recovery(), limit=limit_of(schedule))["started"] is True


def test_a_takeover_that_somebody_else_began_is_left_alone() -> None:
    recovery = Recovery(taken_over_because="tandem failover")
    decision = recover(Signals(300.0, lambda: False), recovery)
    assert decision == {"started": False, "because": "the takeover switch is set already: tandem failover"}
    assert recovery.done == []


def test_a_takeover_of_its_own_that_started_nothing_is_tried_again() -> None:
    recovery = Recovery(taken_over_because=REASON)
    assert recover(Signals(300.0, lambda: False), recovery)["started"] is True


def test_what_is_under_way_is_not_started_again() -> None:
    decision = recover(Signals(300.0, lambda: False), Recovery(under_way="execution 1 is inProgress"))
    assert decision == {"started": False, "because": "it is under way: execution 1 is inProgress"}


class Aws:
    """The functions, database and plans that a recovery talks to, as it finds them."""

    def __init__(self, *, switch: object = None, code: str = "") -> None:
        self.payloads: list[dict[str, Any]] = []
        self._switch, self._code = switch, code

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - Lambda's names
        assert FunctionName == "takeover"
        self.payloads.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(self._switch).encode())}

    def start_plan_execution(self, **_: object) -> dict[str, str]:
        return self._refuse("StartPlanExecution")

    def failover_global_cluster(self, **_: object) -> dict[str, str]:
        return self._refuse("FailoverGlobalCluster")

    def _refuse(self, operation: str) -> dict[str, str]:
        raise ClientError({"Error": {"Code": self._code, "Message": "now"}}, operation)


def stage(aws: Aws, *, plan: str = "") -> StageRecovery:
    return StageRecovery(
        rds=aws,
        functions=aws,
        region_switch=aws,
        plan_arn=plan,
        target_region="us-west-2",
        global_cluster="global",
        target_cluster_arn="target",
        takeover_function="takeover",
    )


@pytest.mark.parametrize(
    ("switch", "because"),
    [
        ({"active": True, "reason": "drill"}, "drill"),
        ({"active": False, "reason": "drill"}, None),
        ({"errorMessage": "no"}, None),
        (None, None),
    ],
)
def test_the_switch_is_asked_and_not_moved_to_learn_who_set_it(switch: object, because: str | None) -> None:
    aws = Aws(switch=switch)
    assert stage(aws).taken_over_because() == because
    assert aws.payloads == [{"action": "status"}]


@pytest.mark.parametrize(("plan", "code"), [("arn", "IllegalStateException"), ("", "InvalidGlobalClusterStateFault")])
def test_a_plan_or_database_that_moves_already_is_under_way(plan: str, code: str) -> None:
    with pytest.raises(UnderWayError, match=code):
        stage(Aws(code=code), plan=plan).start()
    with pytest.raises(ClientError, match="AccessDenied"):
        stage(Aws(code="AccessDeniedException"), plan=plan).start()


def test_a_heartbeat_carries_the_apis_own_url_and_never_the_name_that_was_asked() -> None:
    request = {"requestContext": {"domainName": "api.tandem.example.com"}}
    assert own_endpoint({**request, "stageVariables": {"endpoint": "https://a.example"}}) == "https://a.example"
    assert own_endpoint({**request, "stageVariables": None}) == ""
    assert own_endpoint({}) == ""
