"""Every alarm and every widget on a metric of ours asks for what the deployed functions emit, stage included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.projector.logic import Outcome
from tandem_runtime.recover.signals import Signal
from tests.functions import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]
    Metric = tuple[str, frozenset[tuple[str, str]]]

NAMESPACE = "Tandem"
REGIONS = {"PrimaryRegionStack": "us-east-1", "SecondaryRegionStack": "us-west-2"}


class Heartbeats:
    """The other Region was heard of at 0."""

    def latest(self, _region: str) -> float:
        return 0.0

    def version(self, _region: str) -> str:
        return "0123abcd"


class Plan:
    """One that was evaluated."""

    def get_plan_evaluation_status(self, **_: str) -> dict[str, str]:
        return {"evaluationState": "passed"}


class Ledger:
    """One that nothing is asked of."""

    def close_if_dropped(self) -> None:
        return

    def close_if_idle(self) -> None:
        return


class Quarantine:
    """Keeps nothing."""

    def keep(self, _item: object, _reason: str) -> None:
        return


def environment(template: Template, name: str, region: str) -> dict[str, str]:
    [found] = [
        each["Properties"]["Environment"]["Variables"]
        for each in template.find_resources("AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] == f"tandem_runtime.{name}.handler.handler"
    ]
    return {"AWS_REGION": region} | {key: value if isinstance(value, str) else "5432" for key, value in found.items()}


def tell(name: str, module: Any, patched: pytest.MonkeyPatch) -> None:
    """Have a function tell all its metrics, without what else it does."""
    if name == "health":
        module._measure(Heartbeats(), 1.0)  # noqa: SLF001 - the rest of the handler calls AWS
    elif name == "recover":
        module._tell({"heartbeat": Signal("lost", ""), "canary": Signal("alive", "")})  # noqa: SLF001 - see above
        module._tell_readiness(Heartbeats(), Plan())  # noqa: SLF001 - as above
    elif name == "capacity":
        for asked, answer in (("client", None), ("open_shards", 4), ("limit", 1000), ("peak", 1200.0)):
            patched.setattr(module, asked, lambda *_, answer=answer, **__: answer)
        module.handler({}, None)
    elif name == "sweeper":
        module._tell_held(1)  # noqa: SLF001 - the rest of the handler calls AWS
        module._tell(dict.fromkeys(module._origins(), module.Lag(1.0, 1.0)))  # noqa: SLF001 - as above
    else:
        outcome = Outcome(inserted=1, verified=1, conflicts=1, quarantined=[({}, "malformed")])
        patched.setattr(module, "project", lambda *_, outcome=outcome: outcome)
        patched.setattr(module, "_ledger", Ledger)
        patched.setattr(module, "_quarantine", Quarantine)
        module.handler({"Records": []}, None)


def emitted(
    template: Template, region: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> set[Metric]:
    """What the functions of a Region write for CloudWatch, each in the environment that its template gives it."""
    handlers = str(template.find_resources("AWS::Lambda::Function"))
    for name in ("health", "projector", "sweeper", "recover", "capacity"):
        if f"tandem_runtime.{name}.handler" not in handlers:
            continue
        with monkeypatch.context() as patched:
            for key, value in environment(template, name, region).items():
                patched.setenv(key, value)
            module = load(f"tandem_runtime.{name}.handler")
            tell(name, module, patched)
    found = set()
    for line in capsys.readouterr().out.splitlines():
        fields = json.loads(line)
        for declared in fields.get("_aws", {}).get("CloudWatchMetrics", []):
            assert declared["Namespace"] == NAMESPACE
            [names] = declared["Dimensions"]
            dimensions = frozenset((name, fields[name]) for name in names)
            found |= {(metric["Name"], dimensions) for metric in declared["Metrics"]}
    return found


def alarmed(template: Template) -> list[Metric]:
    return [
        (each["MetricName"], frozenset((one["Name"], one["Value"]) for one in each["Dimensions"]))
        for each in (found["Properties"] for found in template.find_resources("AWS::CloudWatch::Alarm").values())
        if each.get("Namespace") == NAMESPACE
    ]


def drawn(template: Template) -> list[Metric]:
    found = []
    for board in template.find_resources("AWS::CloudWatch::Dashboard").values():
        parts = board["Properties"]["DashboardBody"]
        body = (
            parts
            if isinstance(parts, str)
            else "".join(part if isinstance(part, str) else "token" for part in parts["Fn::Join"][1])
        )
        for widget in json.loads(body)["widgets"]:
            for metric in widget["properties"].get("metrics", []):
                if metric[0] == NAMESPACE:
                    pairs = [part for part in metric[2:] if isinstance(part, str)]
                    found.append((metric[1], frozenset(zip(pairs[::2], pairs[1::2], strict=True))))
    return found


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_alarm_and_widget_on_our_metrics_is_on_what_this_stage_emits_and_on_no_other_stages(
    stage: str, templates: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = 0
    found = templates(stage)
    for name, region in REGIONS.items():
        if name not in found:
            continue
        told = emitted(found[name], region, monkeypatch, capsys)
        assert all(("stage", stage) in dimensions for _, dimensions in told)
        if name == "SecondaryRegionStack":  # the secondary's `recover` is in the stack that comes first
            told |= emitted(found["GlobalStack"], region, monkeypatch, capsys)
        asked = alarmed(found[name])
        assert set(drawn(found[name])) == set(asked)
        assert set(asked) <= told
        if name == "SecondaryRegionStack":  # where the recovery's alarm looks for the primary's heartbeat
            assert set(alarmed(found["GlobalStack"])) <= told
            seen += len(alarmed(found["GlobalStack"]))
        seen += len(asked)
    assert seen >= (3 if stage == "dev" else 9)
