"""ARC Region switch: plans, and their executions in the Region that is being activated.

Plans are made and changed in us-east-1 for every Region, which `emulator.faults.control_planes` enforces;
executions and the reads named `InRegion` are the data plane of the Region that answers (ARC Developer Guide, data and
control planes).
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import threading
import uuid
from typing import TYPE_CHECKING, Any

from contract.names import arn
from emulator import ministack
from emulator.iam.authorization import authorize
from emulator.ministack import get_account_id
from emulator.region_switch.errors import (
    AccessDeniedError,
    IllegalArgumentError,
    IllegalStateError,
    RegionSwitchError,
    ResourceNotFoundError,
)
from emulator.region_switch.execution import Execution
from emulator.region_switch.wire import codec_of

if TYPE_CHECKING:
    from collections.abc import Callable

Fields = dict[str, Any]
_ABBREVIATED = (
    "arn",
    "owner",
    "name",
    "regions",
    "recoveryApproach",
    "primaryRegion",
    "version",
    "updatedAt",
    "description",
    "executionRole",
    "recoveryTimeObjectiveMinutes",
)


class RegionSwitch:
    """Every plan of every account, and its executions; `is_lost` tells whether a Region is gone."""

    def __init__(self, is_lost: Callable[[str], bool]) -> None:
        self._is_lost = is_lost
        self._plans: dict[str, Fields] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._executions: dict[str, list[Execution]] = {}
        self._lock = threading.RLock()
        self._operations: dict[str, Callable[[Fields, str, str], Fields]] = {
            "CreatePlan": self._create_plan,
            "UpdatePlan": self._update_plan,
            "DeletePlan": self._delete_plan,
            "GetPlan": self._get_plan,
            "GetPlanInRegion": self._get_plan,
            "GetPlanEvaluationStatus": self._get_evaluation,
            "ListPlans": self._list_plans,
            "ListPlansInRegion": self._list_plans,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "StartPlanExecution": self._start,
            "GetPlanExecution": self._get_execution,
            "ListPlanExecutions": self._list_executions,
            "ListPlanExecutionEvents": self._list_events,
            "CancelPlanExecution": self._cancel,
            "UpdatePlanExecutionStep": self._update_step,
        }

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: answer what is spoken to Region switch."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])
            }
            codec = codec_of(scope["path"], headers) if scope["type"] == "http" else None
            if codec is None:
                await inner(scope, receive, send)
                return
            body = await _body(receive)
            region = str(ministack.ROUTER_SIGNED_REGION.value(headers) or "us-east-1")
            access_key = str(ministack.ROUTER_ACCESS_KEY.value(headers))
            ministack.RESPONSES_SET_ACCOUNT.value(ministack.APP_ACCOUNT_OF_KEY.value(access_key))
            account = str(get_account_id())
            try:
                given = codec.read(body)
                plan = given.get("planArn") or given.get("arn") or given.get("resourceArn") or "*"
                action = f"arc-region-switch:{codec.operation}"
                refusal = authorize(
                    scope, body, access_key=access_key, action=action, region=region, resource=str(plan)
                )
                if refusal is not None:
                    raise AccessDeniedError(refusal)
                result = await asyncio.to_thread(self.call, codec.operation, given, account, region)
                answer = codec.answer(result)
            except RegionSwitchError as error:
                answer = codec.error(error)
            encoded = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
            encoded.append((b"content-length", str(len(answer.body)).encode()))
            await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
            await send({"type": "http.response.body", "body": answer.body})

        return app

    def call(self, operation: str, given: Fields, account: str, region: str) -> Fields:
        """Do one operation; raises RegionSwitchError as the service would."""
        if operation not in self._operations:
            raise RegionSwitchError(f"{operation} is not emulated")
        with self._lock:
            return self._operations[operation](given, account, region)

    def executions(self, plan_arn: str, region: str) -> list[Execution]:
        """The executions of a plan that activate `region`, oldest first."""
        return [each for each in self._executions.get(plan_arn, []) if each.region == region]

    # ---- plans: control plane ----
    def _create_plan(self, given: Fields, account: str, _region: str) -> Fields:
        name = given["name"]
        if any(plan["name"] == name and plan["owner"] == account for plan in self._plans.values()):
            raise IllegalArgumentError(f"a plan named {name} exists")
        plan_arn = arn("arc-region-switch", f"plan/{name}:{uuid.uuid4().hex[:6]}", account=account)
        plan = {key: value for key, value in given.items() if key not in ("tags", "clientToken")}
        self._plans[plan_arn] = {**plan, "arn": plan_arn, "owner": account, "version": "1", "updatedAt": _now()}
        self._tags[plan_arn] = dict(given.get("tags", {}))
        return {"plan": self._plans[plan_arn]}

    def _update_plan(self, given: Fields, _account: str, _region: str) -> Fields:
        plan = self._plan(given["arn"])
        plan.update(given, version=str(int(plan["version"]) + 1), updatedAt=_now())
        return {"plan": plan}

    def _delete_plan(self, given: Fields, _account: str, _region: str) -> Fields:
        self._plan(given["arn"])
        self._refuse_while_open(given["arn"])
        for kept in (self._plans, self._tags, self._executions):
            kept.pop(given["arn"], None)
        return {}

    # ---- plans: either plane ----
    def _get_plan(self, given: Fields, _account: str, _region: str) -> Fields:
        return {"plan": self._plan(given["arn"])}

    def _get_evaluation(self, given: Fields, _account: str, region: str) -> Fields:
        """Nothing is evaluated here: a plan stays as AWS has it before its first evaluation."""
        arn = self._plan(given["planArn"])["arn"]
        return {"planArn": arn, "region": region, "evaluationState": "pendingEvaluation", "warnings": []}

    def _list_plans(self, _given: Fields, account: str, region: str) -> Fields:
        owned = [plan for plan in self._plans.values() if plan["owner"] == account]
        return {"plans": [self._abbreviated(plan, region) for plan in owned]}

    def _abbreviated(self, plan: Fields, region: str) -> Fields:
        active = [each.state["executionId"] for each in self.executions(plan["arn"], region) if each.open]
        short = {key: plan[key] for key in _ABBREVIATED if key in plan}
        return {**short, "activePlanExecution": active[0]} if active else short

    def _list_tags(self, given: Fields, _account: str, _region: str) -> Fields:
        self._plan(given["arn"])
        return {"resourceTags": self._tags[given["arn"]]}

    def _tag(self, given: Fields, _account: str, _region: str) -> Fields:
        self._plan(given["arn"])
        self._tags[given["arn"]].update(given["tags"])
        return {}

    def _untag(self, given: Fields, _account: str, _region: str) -> Fields:
        self._plan(given["arn"])
        for key in given["resourceTagKeys"]:
            self._tags[given["arn"]].pop(key, None)
        return {}

    # ---- executions: data plane of the Region that is being activated ----
    def _start(self, given: Fields, account: str, region: str) -> Fields:
        plan, target = self._plan(given["planArn"]), given["targetRegion"]
        if given["action"] != "activate":
            raise IllegalArgumentError(f"action {given['action']} is not emulated: use activate")
        workflow = next((each for each in plan["workflows"] if each.get("workflowTargetRegion") == target), None)
        if workflow is None:
            raise IllegalArgumentError(f"the plan has no workflow that activates {target}")
        if region != target:
            raise IllegalArgumentError(f"{target} is activated through its own endpoint, not through {region}")
        self._refuse_while_open(plan["arn"])
        execution = Execution(
            copy.deepcopy(plan),
            copy.deepcopy(workflow),
            account=account,
            region=target,
            mode=given.get("mode", "graceful"),
            comment=given.get("comment", ""),
            is_lost=self._is_lost,
        )
        self._executions.setdefault(plan["arn"], []).append(execution)
        execution.start()
        others = [each for each in plan["regions"] if each != target]
        return {
            "executionId": execution.state["executionId"],
            "plan": plan["arn"],
            "planVersion": plan["version"],
            "activateRegion": target,
            "deactivateRegion": others[0] if others else None,
        }

    def _get_execution(self, given: Fields, _account: str, region: str) -> Fields:
        return dict(self._execution(given, region).state)

    def _list_executions(self, given: Fields, _account: str, region: str) -> Fields:
        self._plan(given["planArn"])
        hidden = ("stepStates", "plan", "generatedReportDetails")
        items = [
            {key: value for key, value in each.state.items() if key not in hidden}
            for each in reversed(self.executions(given["planArn"], region))
            if given.get("state") in (None, each.state["executionState"])
        ]
        return {"items": items}

    def _list_events(self, given: Fields, _account: str, region: str) -> Fields:
        events = self._execution(given, region).events
        return {"items": [each for each in reversed(events) if given.get("name") in (None, each.get("stepName"))]}

    def _cancel(self, given: Fields, _account: str, region: str) -> Fields:
        self._execution(given, region).cancel()
        return {}

    def _update_step(self, given: Fields, _account: str, region: str) -> Fields:
        self._execution(given, region).instruct(given["stepName"], given["actionToTake"])
        return {}

    # ---- what they share ----
    def _plan(self, arn: str) -> Fields:
        if arn not in self._plans:
            raise ResourceNotFoundError(f"plan {arn} does not exist")
        return self._plans[arn]

    def _execution(self, given: Fields, region: str) -> Execution:
        self._plan(given["planArn"])
        for each in self.executions(given["planArn"], region):
            if each.state["executionId"] == given["executionId"]:
                return each
        raise ResourceNotFoundError(f"execution {given['executionId']} does not exist in {region}")

    def _refuse_while_open(self, arn: str) -> None:
        for each in self._executions.get(arn, []):
            if each.open:
                raise IllegalStateError(f"plan execution {each.state['executionId']} is in progress")


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
