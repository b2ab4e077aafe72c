"""AWS FIS in front of MiniStack, which has none: templates and experiments of every account and Region."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
import uuid
from typing import TYPE_CHECKING, Any

from contract.game_days import ALARM_SOURCE
from contract.names import arn
from emulator import ministack
from emulator.faults.requests import headers_of, read
from emulator.fis.actions import ACTIONS, check
from emulator.fis.errors import AccessDeniedError, ConflictError, FisError, ResourceNotFoundError, ValidationError
from emulator.fis.experiment import ENDED, Experiment
from emulator.gates.models import UnknownOperationError
from emulator.gates.requests import HttpRequest, parse
from emulator.iam.authorization import authorize
from emulator.ministack import get_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.fis.effects import Effects

Fields = dict[str, Any]
_SERVICE = "fis"
_LISTED = ("id", "arn", "description", "creationTime", "lastUpdateTime", "tags")


class FaultInjection:
    """Every template and experiment; `scale` shortens durations as it shortens the periods of alarms."""

    def __init__(self, effects: Effects, scale: float) -> None:
        self._effects, self._scale = effects, scale
        self._templates: dict[tuple[str, str, str], Fields] = {}
        self._experiments: dict[tuple[str, str, str], Experiment] = {}
        self._tokens: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._lock = threading.RLock()
        self._operations: dict[str, Callable[[Fields, str, str], Fields]] = {
            "CreateExperimentTemplate": self._create,
            "UpdateExperimentTemplate": self._update,
            "DeleteExperimentTemplate": self._delete,
            "GetExperimentTemplate": lambda given, *at: {"experimentTemplate": self._template(given, *at)},
            "ListExperimentTemplates": self._list_templates,
            "StartExperiment": self._start,
            "StopExperiment": self._stop,
            "GetExperiment": lambda given, *at: {"experiment": self._experiment(given, *at).state},
            "ListExperiments": self._list_experiments,
            "ListActions": lambda *_: {"actions": [{"id": each} for each in ACTIONS]},
        }

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: answer what is signed for FIS."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            headers = headers_of(scope) if scope["type"] == "http" else {}
            if f"/{_SERVICE}/aws4_request" not in headers.get("authorization", ""):
                await inner(scope, receive, send)
                return
            body, _ = await read(receive)
            region = str(ministack.ROUTER_SIGNED_REGION.value(headers) or "us-east-1")
            access_key = str(ministack.ROUTER_ACCESS_KEY.value(headers))
            ministack.RESPONSES_SET_ACCOUNT.value(ministack.APP_ACCOUNT_OF_KEY.value(access_key))
            account = str(get_account_id())
            status, content = 200, {}
            try:
                operation, given = _asked(scope, headers, body)
                for action, resource, tags in self._needed(operation, given, account, region):
                    place = resource if resource == "*" else arn(_SERVICE, resource, region=region, account=account)
                    refusal = authorize(
                        scope,
                        body,
                        access_key=access_key,
                        action=f"{_SERVICE}:{action}",
                        region=region,
                        resource=place,
                        context=tags,
                    )
                    if refusal is not None:
                        raise AccessDeniedError(refusal)
                content = await asyncio.to_thread(self.call, operation, given, account, region)
            except FisError as error:
                status, content = error.status, {"__type": error.code, "message": str(error)}
            encoded = json.dumps(content, default=_seconds).encode()
            fields = [(b"content-type", b"application/json"), (b"content-length", str(len(encoded)).encode())]
            if status != 200:  # noqa: PLR2004 - HTTP's own number
                fields.append((b"x-amzn-errortype", content["__type"].encode()))
            await send({"type": "http.response.start", "status": status, "headers": fields})
            await send({"type": "http.response.body", "body": encoded})

        return app

    def call(self, operation: str, given: Fields, account: str, region: str) -> Fields:
        """Do one operation; raises FisError as the service would."""
        if operation not in self._operations:
            raise FisError(f"{operation} is not emulated")
        with self._lock:
            return self._operations[operation](given, account, region)

    def report(self) -> Fields:
        """What runs now, for the control's state."""
        running = [each.state for each in self._experiments.values() if each.status not in ENDED]
        return {"experiments": [{"id": each["id"], "status": each["state"]["status"]} for each in running]}

    def _needed(
        self, operation: str, given: Fields, account: str, region: str
    ) -> Iterator[tuple[str, str, dict[str, str]]]:
        """The actions, resources and condition keys that are checked (Service Authorization Reference, AWS FIS)."""
        template, experiment = "experiment-template", "experiment"
        if operation == "StartExperiment":
            of = given["experimentTemplateId"]
            yield operation, f"{template}/{of}", _tagged("Resource", self._templates.get((account, region, of)))
            asked = _tagged("Request", given)
            yield operation, f"{experiment}/*", asked
            if asked:
                yield "TagResource", f"{experiment}/*", asked
        elif operation.endswith("ExperimentTemplate"):
            of = given.get("id", "*")
            yield operation, f"{template}/{of}", _tagged("Resource", self._templates.get((account, region, of)))
        elif operation.endswith("Experiment"):
            known = self._experiments.get((account, region, given["id"]))
            yield operation, f"{experiment}/{given['id']}", _tagged("Resource", known.state if known else None)
        else:
            yield operation, "*", {}

    # ---- templates ----
    def _create(self, given: Fields, account: str, region: str) -> Fields:
        if known := self._repeated(given, account, region):
            return {"experimentTemplate": self._templates[account, region, known]}
        check(given)
        made = f"EXT{uuid.uuid4().hex[:15]}"
        template = {key: value for key, value in given.items() if key != "clientToken"} | {
            "id": made,
            "arn": arn(_SERVICE, f"experiment-template/{made}", region=region, account=account),
            "creationTime": _now(),
            "lastUpdateTime": _now(),
        }
        self._templates[account, region, made] = template
        self._remember(given, account, region, made)
        return {"experimentTemplate": template}

    def _update(self, given: Fields, account: str, region: str) -> Fields:
        template = self._template(given, account, region)
        changed = {**template, **given, "lastUpdateTime": _now()}
        check(changed)
        self._templates[account, region, given["id"]] = changed
        return {"experimentTemplate": changed}

    def _delete(self, given: Fields, account: str, region: str) -> Fields:
        return {
            "experimentTemplate": self._templates.pop((account, region, self._template(given, account, region)["id"]))
        }

    def _list_templates(self, _given: Fields, account: str, region: str) -> Fields:
        owned = [each for place, each in self._templates.items() if place[:2] == (account, region)]
        return {"experimentTemplates": [{key: each[key] for key in _LISTED if key in each} for each in owned]}

    # ---- experiments ----
    def _start(self, given: Fields, account: str, region: str) -> Fields:
        if known := self._repeated(given, account, region):
            return {"experiment": self._experiments[account, region, known].state}
        template = self._template({"id": given["experimentTemplateId"]}, account, region)
        for condition in template.get("stopConditions") or []:
            if condition["source"] == ALARM_SOURCE and condition["value"].split(":")[3] != region:
                raise ValidationError(f"stop condition {condition['value']} is an alarm of another Region")
        made = f"EXP{uuid.uuid4().hex[:15]}"
        experiment = Experiment(
            template,
            arn=arn(_SERVICE, f"experiment/{made}", region=region, account=account),
            account=account,
            region=region,
            effects=self._effects,
            scale=self._scale,
        )
        experiment.state["tags"] = dict(given.get("tags") or {})
        self._experiments[account, region, made] = experiment
        self._remember(given, account, region, made)
        answer = {"experiment": dict(experiment.state)}
        experiment.start()
        return answer

    def _stop(self, given: Fields, account: str, region: str) -> Fields:
        experiment = self._experiment(given, account, region)
        if experiment.status in ENDED:
            raise ValidationError(f"experiment {given['id']} is {experiment.status}")
        experiment.stop()
        return {"experiment": dict(experiment.state)}

    def _list_experiments(self, given: Fields, account: str, region: str) -> Fields:
        owned = [each.state for place, each in self._experiments.items() if place[:2] == (account, region)]
        shown = ("id", "arn", "experimentTemplateId", "state", "creationTime", "tags")
        wanted = given.get("experimentTemplateId")
        return {
            "experiments": [
                {key: each[key] for key in shown} for each in owned if wanted in (None, each["experimentTemplateId"])
            ]
        }

    # ---- what they share ----
    def _template(self, given: Fields, account: str, region: str) -> Fields:
        try:
            return self._templates[account, region, given["id"]]
        except KeyError:
            raise ResourceNotFoundError(f"experiment template {given['id']} does not exist in {region}") from None

    def _experiment(self, given: Fields, account: str, region: str) -> Experiment:
        try:
            return self._experiments[account, region, given["id"]]
        except KeyError:
            raise ResourceNotFoundError(f"experiment {given['id']} does not exist in {region}") from None

    def _repeated(self, given: Fields, account: str, region: str) -> str | None:
        """The id of what the same client token made before; raises ConflictError where it was for something else."""
        known = self._tokens.get((account, region, given["clientToken"]))
        if known is None:
            return None
        if known[1] != _content(given):
            raise ConflictError(f"client token {given['clientToken']!r} was used with something else")
        return known[0]

    def _remember(self, given: Fields, account: str, region: str, made: str) -> None:
        self._tokens[account, region, given["clientToken"]] = (made, _content(given))


def _tagged(what: str, fields: Fields | None) -> dict[str, str]:
    """The tags of a resource or of a request as condition keys."""
    return {f"aws:{what}Tag/{key}": value for key, value in ((fields or {}).get("tags") or {}).items()}


def _content(given: Fields) -> str:
    return json.dumps(given, sort_keys=True)


def _asked(scope: Any, headers: dict[str, str], body: bytes) -> tuple[str, Fields]:
    """The operation of a request and its members; raises ResourceNotFoundError where there is no such operation."""
    request = HttpRequest(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1").partition("?")[0],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        body=body,
        service=_SERVICE,
    )
    try:
        asked = parse(request)
    except UnknownOperationError as error:
        raise ResourceNotFoundError(f"{error} is no operation of {_SERVICE}") from error
    assert asked is not None  # noqa: S101 - it is for a service that is checked
    return asked.operation.name, {name: value for name, value in asked.parameters.items() if value is not None}


def _seconds(value: object) -> float:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} is not written")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
