"""One experiment: its actions side by side, its stop conditions, and its log."""

from __future__ import annotations

import copy
import datetime as dt
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.game_days import ALARM_SOURCE, SERVICE
from emulator import ministack
from emulator.cloudformation.calls import api, ignoring_errors
from emulator.fis.actions import seconds_of
from emulator.fis.effects import resolved
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulator.fis.effects import Effects

_LOOK_SECONDS = 0.1
ENDED = ("completed", "stopped", "failed", "cancelled")
"""The states that an experiment does not leave (API Reference, ExperimentState)."""


class _FailedError(Exception):
    """The experiment cannot go on."""


class Experiment:
    """An experiment and its thread; `state` is what GetExperiment answers. `scale` shortens its durations."""

    def __init__(
        self, template: Mapping[str, Any], *, arn: str, account: str, region: str, effects: Effects, scale: float
    ) -> None:
        self._account, self._region, self._effects, self._scale = account, region, effects, scale
        self._stop_asked = threading.Event()
        self._undo: dict[str, Callable[[], None]] = {}
        now = dt.datetime.now(dt.UTC)
        kept = ("roleArn", "targets", "stopConditions", "logConfiguration", "experimentOptions")
        self.state: dict[str, Any] = copy.deepcopy({key: template[key] for key in kept if key in template}) | {
            "id": arn.rpartition("/")[2],
            "arn": arn,
            "experimentTemplateId": template["id"],
            "creationTime": now,
            "startTime": now,
            "tags": {},
            "state": {"status": "initiating", "reason": "Experiment is initiating."},
            "actions": {
                name: {**copy.deepcopy(action), "state": {"status": "pending"}}
                for name, action in template["actions"].items()
            },
        }

    @property
    def status(self) -> str:
        """The experiment's status."""
        return str(self.state["state"]["status"])

    def start(self) -> None:
        """Run it on a thread of its own."""
        threading.Thread(target=self._run, daemon=True, name=f"experiment in {self._region}").start()

    def stop(self) -> None:
        """Have it end before its time."""
        self._stop_asked.set()
        self._set("stopping", "Experiment was stopped by a user.")

    # ---- on the thread ----
    def _run(self) -> None:
        with request_scope(self._account, self._region):
            self._log("experiment-start")
            try:
                self._need_role()
                arns = {name: self._resolve(name, target) for name, target in self.state["targets"].items()}
                status, reason = self._act(arns)
            except _FailedError as error:
                status, reason = "failed", str(error)
            except (BotoCoreError, ClientError) as error:
                status, reason = "failed", f"Experiment failed: {error}"
            finally:
                for undo in self._undo.values():
                    undo()
            for action in self.state["actions"].values():
                if action["state"]["status"] in ("pending", "running"):
                    action["state"] = {"status": "stopped" if action.get("startTime") else "cancelled"}
            self.state["endTime"] = dt.datetime.now(dt.UTC)
            self._set(status, reason)
            self._log("experiment-end")

    def _need_role(self) -> None:
        """FIS assumes the role of the template: it must be there and trust the service (User Guide, IAM roles)."""
        role = self.state["roleArn"].rpartition("/")[2]
        try:
            trust = api("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        except ClientError:
            trust = {}
        document = json.loads(trust) if isinstance(trust, str) else trust
        trusted = [each.get("Principal", {}).get("Service") for each in document.get("Statement", [])]
        if SERVICE not in trusted and [SERVICE] not in trusted:
            raise _FailedError(f"Unable to assume role {role}: it must exist and trust {SERVICE}.")

    def _resolve(self, name: str, target: Mapping[str, Any]) -> list[str]:
        arns = resolved(target, self._region)
        if not arns:
            raise _FailedError(f"Target resolution returned empty set: {name}.")
        return arns

    def _act(self, arns: Mapping[str, list[str]]) -> tuple[str, str]:
        """Begin every action and wait for the last to end; return how the experiment ends."""
        if ringing := next(self._ringing(), None):
            return "stopped", f"Experiment was halted by stop condition {ringing}."
        began, ends = time.monotonic(), {}
        for name, action in self.state["actions"].items():
            [target] = action["targets"].values()
            parameters = action["parameters"]
            self._undo[name] = self._effects.begin(action["actionId"], arns[target], parameters, self._region)
            ends[name] = began + seconds_of(parameters["duration"]) * self._scale
            action |= {"state": {"status": "running"}, "startTime": dt.datetime.now(dt.UTC)}
            self._log("action-start", action=name)
        self._set("running", "Experiment is running.")
        while ends:
            time.sleep(_LOOK_SECONDS)
            if self._stop_asked.is_set():
                return "stopped", "Experiment was stopped by a user."
            if ringing := next(self._ringing(), None):
                return "stopped", f"Experiment was halted by stop condition {ringing}."
            for name in [name for name, end in ends.items() if time.monotonic() >= end]:
                del ends[name]
                self._undo.pop(name)()
                ended = {"state": {"status": "completed"}, "endTime": dt.datetime.now(dt.UTC)}
                self.state["actions"][name].update(ended)
                self._log("action-end", action=name)
        return "completed", "Experiment completed."

    def _ringing(self) -> Iterator[str]:
        """The stop conditions whose alarm is in ALARM."""
        for condition in self.state["stopConditions"]:
            if condition["source"] == ALARM_SOURCE:
                alarm = ministack.CLOUDWATCH_ALARMS.value.get(condition["value"].rpartition(":alarm:")[2]) or {}
                if alarm.get("StateValue") == "ALARM":
                    yield str(condition["value"])

    def _set(self, status: str, reason: str) -> None:
        self.state["state"] = {"status": status, "reason": reason}

    def _log(self, kind: str, **details: str) -> None:
        """Write a line to the log group of the template (User Guide, experiment logging)."""
        logs = (self.state.get("logConfiguration") or {}).get("cloudWatchLogsConfiguration") or {}
        if "logGroupArn" not in logs:
            return
        group = logs["logGroupArn"].partition(":log-group:")[2].removesuffix(":*")
        now = dt.datetime.now(dt.UTC)
        line = {
            "id": self.state["id"],
            "log_type": kind,
            "event_timestamp": now.isoformat(timespec="milliseconds"),
            "version": "2",
            "details": {"experiment_state": self.state["state"], **details},
        }
        client = api("logs")
        ignoring_errors(client.create_log_stream, logGroupName=group, logStreamName=self.state["id"])
        event = {"timestamp": int(now.timestamp() * 1000), "message": json.dumps(line)}
        ignoring_errors(client.put_log_events, logGroupName=group, logStreamName=self.state["id"], logEvents=[event])
