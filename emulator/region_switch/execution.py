"""One execution of a Region switch plan: its steps one after another, in the Region that is being activated."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.waiting import wait_until
from emulator.cloudformation.calls import api
from emulator.ministack import request_scope
from emulator.region_switch.errors import IllegalStateError, ResourceNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN_STATES = ("inProgress", "pausedByFailedStep")
"""An execution in one of these keeps others of its plan from starting."""

RETRY_SECONDS_PER_MINUTE = 1.0
"""A plan counts its retry interval in minutes; here each lasts a second. Its timeouts are kept as they are."""

_POLL_SECONDS = 0.1
_DEFAULT_TIMEOUT_MINUTES = 60
_ACTIVATING = ("activatingRegion", "activeRegion")


class _StepError(Exception):
    """A step did what it could, and failed."""


class _StoppedError(Exception):
    """The Region is gone, or the execution was canceled."""


class Execution:
    """An execution and its thread; `state` is what GetPlanExecution answers."""

    def __init__(
        self,
        plan: dict[str, Any],
        workflow: dict[str, Any],
        *,
        account: str,
        region: str,
        mode: str,
        comment: str,
        is_lost: Callable[[str], bool],
    ) -> None:
        self._plan, self._workflow, self._account, self.region = plan, workflow, account, region
        self._is_lost = is_lost
        self._instructions: dict[str, str] = {}
        self._changed = threading.Condition()
        self.events: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {
            "planArn": plan["arn"],
            "executionId": uuid.uuid4().hex,
            "version": plan["version"],
            "updatedAt": _now(),
            "comment": comment,
            "startTime": _now(),
            "mode": mode,
            "executionState": "inProgress",
            "executionAction": "activate",
            "executionRegion": region,
            "stepStates": [{"name": step["name"], "status": "notStarted"} for step in workflow["steps"]],
            "plan": plan,
        }

    @property
    def open(self) -> bool:
        """Whether it keeps others from starting: not when its Region is gone."""
        return self.state["executionState"] in OPEN_STATES and not self._is_lost(self.region)

    def start(self) -> None:
        """Run it on a thread of its own."""
        threading.Thread(target=self._run, daemon=True, name=f"plan execution in {self.region}").start()

    def cancel(self) -> None:
        """Stop after what is under way; raises IllegalStateError when it has ended."""
        if self.state["executionState"] not in OPEN_STATES:
            raise IllegalStateError(f"execution {self.state['executionId']} is {self.state['executionState']}")
        with self._changed:
            self.state["executionState"] = "canceled"
            self._changed.notify_all()

    def instruct(self, step: str, action: str) -> None:
        """Skip a failed step, or try it again ungracefully; raises ResourceNotFoundError or IllegalStateError."""
        if step not in {each["name"] for each in self._workflow["steps"]}:
            raise ResourceNotFoundError(f"execution {self.state['executionId']} has no step {step!r}")
        if self.state["executionState"] not in OPEN_STATES:
            raise IllegalStateError(f"execution {self.state['executionId']} is {self.state['executionState']}")
        with self._changed:
            self._instructions[step] = action
            self._changed.notify_all()

    def until(self, *states: str, seconds: float) -> bool:
        """Wait until it is in one of `states`; returns whether it came to that in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.state["executionState"] in states, seconds)

    # ---- on the thread ----
    def _run(self) -> None:
        with request_scope(self._account, self.region):
            self._event("executionStarted")
            try:
                for step, state in zip(self._workflow["steps"], self.state["stepStates"], strict=True):
                    self._step(step, state)
            except _StoppedError:
                lost = self.state["executionState"] != "canceled"
                self._end("failed" if lost else "canceled", "executionFailed" if lost else "executionCanceled")
                return
            self._end("completed", "executionSucceeded")

    def _step(self, step: dict[str, Any], state: dict[str, Any]) -> None:
        ungraceful = self.state["mode"] == "ungraceful"
        while True:
            state.update(status="running", stepMode="ungraceful" if ungraceful else "graceful")
            state.setdefault("startTime", _now())
            self._event("stepStarted", step)
            try:
                skipped = self._act(step, ungraceful=ungraceful)
            except _StepError as error:
                state["status"] = "failed"
                self._event("stepFailed", step, error=str(error))
                if self._wait_for_instruction(step) == "skip":
                    skipped = True
                else:
                    ungraceful = True
                    continue
            state.update(status="skipped" if skipped else "completed", endTime=_now())
            self._event("stepSkipped" if skipped else "stepSucceeded", step)
            return

    def _act(self, step: dict[str, Any], *, ungraceful: bool) -> bool:
        """Do what the step says; returns whether it was skipped."""
        configuration = step["executionBlockConfiguration"]
        match step["executionBlockType"]:
            case "CustomActionLambda":
                return self._custom_action(
                    step["name"], configuration["customActionLambdaConfig"], ungraceful=ungraceful
                )
            case "AuroraGlobalDatabase":
                return self._aurora(configuration["globalAuroraConfig"], ungraceful=ungraceful)
            case other:
                raise _StepError(f"execution block {other} is not emulated")

    def _custom_action(self, step: str, configuration: dict[str, Any], *, ungraceful: bool) -> bool:
        """Invoke the Region's function until it succeeds or the step's time is up.

        An ungraceful execution skips the step (ARC Developer Guide, custom action Lambda execution block).
        """
        if ungraceful:
            return True
        others = [each for each in self._plan["regions"] if each != self.region]
        region = self.region if configuration["regionToRun"] in _ACTIVATING else others[0]
        arns = [each["arn"] for each in configuration["lambdas"] if each["arn"].split(":")[3] == region]
        if not arns:
            raise _StepError(f"no function of {region} is named")
        # ARC Region switch API Reference, Lambdas: the function is invoked with the execution's metadata alone
        payload = {
            "InvokedBy": "arc-region-switch",
            "PlanArn": self._plan["arn"],
            "ExecutionId": self.state["executionId"],
            "StepName": step,
        }
        deadline = _deadline(configuration)
        while True:
            problem = _invoke(region, arns[0], payload)
            self._require_life()
            if problem is None:
                return False
            self._event("stepUpdate", None, error=problem)
            pause = float(configuration["retryIntervalMinutes"]) * RETRY_SECONDS_PER_MINUTE
            if time.monotonic() + pause >= deadline:
                raise _StepError(problem)
            self._pause(pause)

    def _aurora(self, configuration: dict[str, Any], *, ungraceful: bool) -> bool:
        """Make the Region's cluster the writer: without loss, or, ungracefully and where allowed, with it."""
        forced = ungraceful and configuration.get("ungraceful", {}).get("ungraceful") == "failover"
        name = configuration["globalClusterIdentifier"]
        target = next(each for each in configuration["databaseClusterArns"] if each.split(":")[3] == self.region)
        client = api("rds", self.region)
        deadline = _deadline(configuration)
        try:
            if _writer(client, name) != (target, "available"):
                if forced:
                    client.failover_global_cluster(
                        GlobalClusterIdentifier=name, TargetDbClusterIdentifier=target, AllowDataLoss=True
                    )
                else:
                    client.switchover_global_cluster(GlobalClusterIdentifier=name, TargetDbClusterIdentifier=target)
            left = deadline - time.monotonic()
            moved = wait_until(
                lambda: _writer(client, name) == (target, "available"),
                seconds=left,
                pause=_POLL_SECONDS,
                sleep=self._pause,
            )
            if not moved:
                raise _StepError(f"{target} is not the writer in time")
        except (BotoCoreError, ClientError) as error:
            self._require_life()
            raise _StepError(str(error)) from error
        self._require_life()
        return False

    def _wait_for_instruction(self, step: dict[str, Any]) -> str:
        self._set("pausedByFailedStep")
        with self._changed:
            while step["name"] not in self._instructions:
                self._require_life()
                self._changed.wait(_POLL_SECONDS)
            instruction = self._instructions.pop(step["name"])
        self._set("inProgress")
        return instruction

    def _pause(self, seconds: float) -> None:
        def lives() -> bool:
            self._require_life()
            return False

        wait_until(lives, seconds=seconds, pause=min(_POLL_SECONDS, seconds))

    def _require_life(self) -> None:
        if self._is_lost(self.region) or self.state["executionState"] == "canceled":
            raise _StoppedError

    def _set(self, state: str) -> None:
        with self._changed:
            self.state.update(executionState=state, updatedAt=_now())
            self._changed.notify_all()

    def _end(self, state: str, event: str) -> None:
        took = (_now() - self.state["startTime"]).total_seconds()
        self.state.update(endTime=_now(), actualRecoveryTime=f"PT{took:.3f}S", updatedAt=_now())
        self._event(event)
        if not self._is_lost(self.region):
            self.state["generatedReportDetails"] = self._report(state)
        self._set(state)

    def _report(self, outcome: str) -> list[dict[str, Any]]:
        """Leave a report in every bucket that the plan names: JSON here, a PDF on AWS."""
        details = []
        shown = {key: value for key, value in self.state.items() if key != "plan"} | {"executionState": outcome}
        body = json.dumps(shown | {"planName": self._plan["name"], "events": self.events}, default=str, indent=1)
        for each in self._plan.get("reportConfiguration", {}).get("reportOutput", []):
            bucket, _, prefix = each["s3Configuration"]["bucketPath"].partition("/")
            key = "/".join(filter(None, [prefix, self._plan["name"], f"{self.state['executionId']}.json"]))
            try:
                api("s3", self.region).put_object(Bucket=bucket, Key=key, Body=body.encode())
                output = {"s3ReportOutput": {"s3ObjectKey": key}}
            except (BotoCoreError, ClientError) as error:
                output = {"failedReportOutput": {"errorCode": "invalidResource", "errorMessage": str(error)}}
            details.append({"reportGenerationTime": _now(), "reportOutput": output})
        return details

    def _event(self, kind: str, step: dict[str, Any] | None = None, *, error: str = "") -> None:
        event: dict[str, Any] = {"timestamp": _now(), "type": kind, "eventId": str(uuid.uuid4())}
        if self.events:
            event["previousEventId"] = self.events[-1]["eventId"]
        if step:
            event |= {"stepName": step["name"], "executionBlockType": step["executionBlockType"]}
        if error:
            event["error"] = error
        self.events.append(event)


def _invoke(region: str, function: str, payload: dict[str, Any]) -> str | None:
    """Invoke a function; returns what went wrong."""
    try:
        answer = api("lambda", region).invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        body = answer["Payload"].read().decode(errors="replace")
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return f"{function}: {body[:500]}" if answer.get("FunctionError") else None


def _writer(client: Any, name: str) -> tuple[str, str]:
    cluster = client.describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0]
    writers = [each["DBClusterArn"] for each in cluster["GlobalClusterMembers"] if each["IsWriter"]]
    return (writers[0] if writers else "", cluster["Status"])


def _deadline(configuration: dict[str, Any]) -> float:
    return time.monotonic() + float(configuration.get("timeoutMinutes", _DEFAULT_TIMEOUT_MINUTES)) * 60


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
