"""`tandem campaign`: many short, random drills in a row on one deployed stage, all from one seed."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drills.embedded.isolation import ROOT
from drills.evidence.provenance import provenance
from drills.game_day import guide
from drills.history.history import FILE, History
from drills.measure.gauge import gauge
from drills.measure.lookup import until_complete
from drills.options import DrillOptions
from drills.prepare import prepared_stage
from drills.progress import Progress
from drills.report import build_report, versions
from drills.runner import Drill
from drills.scenarios import phases
from drills.scenarios.catalogue import REGION_LOSS
from drills.scenarios.kills import KILLS
from drills.sweep_margin import set_sweep_margin
from operations.errors import OperationError, RealAwsError
from operations.loopback import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from drills.clients.load import Transaction
    from drills.measure.lookup import Findings
    from drills.prepare import PreparedStage
    from drills.scenarios.scenario import Scenario
    from operations.deployment import Regions

COUNTED = ("lost", "duplicated", "different_answers", "ledger_missing", "unanswered")
WORST = ("write_rto_seconds", "ledger_rto_seconds", "detection_seconds", "promotion_seconds", "rpo_seconds")
ROUTING_TIME_SCALE = 0.03
SWEEP_MARGIN_SECONDS = 60
HISTORIES = "histories"
"""The folder below the campaign's that has a folder for each drill, with its history."""
BITES = ("reads_answered_late", "conflicting_writes_refused")
"""What counts how often the embedded AWS's strictness was met."""


@dataclass(frozen=True, kw_only=True)
class PlannedDrill:
    """One drill of a campaign: how the Region dies, and under which load and lag."""

    number: int
    kill: str
    options: DrillOptions

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"{self.number:03}-{self.kill}"

    @property
    def scenario(self) -> Scenario:
        """The loss of a Region, with this drill's way of dying."""
        return replace(REGION_LOSS, steps=(*KILLS[self.kill], phases.ledger_complete, *phases.AFTERMATH))


def plan(drills: int, seed: int) -> list[PlannedDrill]:
    """Return the campaign's drills; the same seed plans the same ones.

    Load lasts 0.5 to 3 s before the loss, at 20 to 200 transactions per second, with a lag of 0 to 2 s between Regions.
    """
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    return [
        PlannedDrill(
            number=number,
            kill=chance.choice(sorted(KILLS)),
            options=DrillOptions(
                rate=round(chance.uniform(20, 200)),
                seed=chance.randrange(2**31),
                lag_milliseconds=round(chance.uniform(0, 2000)),
                before_seconds=round(chance.uniform(0.5, 3), 2),
                during_seconds=1,
                after_seconds=0.5,
                routing_time_scale=ROUTING_TIME_SCALE,
                patience_seconds=90,
            ),
        )
        for number in range(1, drills + 1)
    ]


def run_campaign(
    stage: str, regions: Regions, *, drills: int, seed: int, folder: Path, url: str | None, console: Console
) -> int:
    """Run the campaign and write report.json; return 0, or 1 when anything was lost or a drill did not finish.

    What a drill acknowledged is looked up again after the last one, so that a later drill cannot lose it unseen. Each
    drill's history is written below `folder`, where `tandem report` draws its report; an earlier campaign's are gone.
    The report is written after each drill, so that a campaign that is interrupted leaves what it found.
    """
    if url is not None and not is_loopback(url):
        raise RealAwsError(guide(url, stage, regions))
    began = time.monotonic()
    progress = Progress(console)
    say = progress.say
    rows: list[dict[str, Any]] = []
    acknowledged: list[Transaction] = []
    findings: Findings | None = None
    histories = folder / HISTORIES

    def report() -> dict[str, Any]:
        told = summarize(rows, findings, stage=stage, seed=seed, planned=drills)
        told["total_seconds"] = round(time.monotonic() - began, 1)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(told, indent=2) + "\n")
        return told

    with contextlib.ExitStack() as stack:
        stack.enter_context(progress)
        ready = stack.enter_context(
            prepared_stage(
                stage,
                regions,
                url=url,
                lag_milliseconds=0,
                routing_time_scale=ROUTING_TIME_SCALE,
                work=ROOT / "build" / "campaign",
                progress=progress,
            )
        )
        set_sweep_margin(ready.endpoint, ready.deployment, SWEEP_MARGIN_SECONDS)
        _forget(histories)  # by now no other campaign runs here
        for planned in plan(drills, seed):
            row, transactions = run_planned(planned, ready, histories, progress=progress, drills=drills)
            rows.append(row)
            acknowledged += transactions
            say(
                f"drill {planned.number} of {drills} ({planned.kill}, {planned.options.rate:g}/s, lag "
                f"{planned.options.lag_milliseconds} ms): {row['failure'] or 'finished'}, acknowledged "
                f"{row['acknowledged']}, lost {row['lost']}, write RTO {row['write_rto_seconds']} s"
            )
            report()
            if row["failure"]:
                break  # what it left behind is not where the next one may begin
        say("look up everything again")
        with contextlib.suppress(OperationError):
            findings = until_complete(
                ready.endpoint,
                ready.deployment,
                acknowledged,
                regions=regions.both,
                timeout_seconds=30,
                waits=progress.show,
            )
    told = report()
    figures = ", ".join(f"{name} {told[name]}" for name in ("drills", "acknowledged", *COUNTED))
    console.print(f"{'passed' if told['passed'] else 'FAILED'}: {figures}; worst {told['worst']}", soft_wrap=True)
    console.print(f"report: {folder / 'report.json'}", soft_wrap=True)
    return 0 if told["passed"] else 1


def _forget(histories: Path) -> None:
    """Remove the folders of an earlier campaign's drills, and nothing else that may be there."""
    for path in histories.glob(f"[0-9][0-9][0-9]-*/{FILE}"):
        shutil.rmtree(path.parent)


def run_planned(
    planned: PlannedDrill, ready: PreparedStage, histories: Path, *, progress: Progress, drills: int
) -> tuple[dict[str, Any], list[Transaction]]:
    """Run one drill, with its history below `histories`; return its row and what it acknowledged.

    How it stands is shown by `progress`, with its number of so many `drills`.
    """
    run = uuid.uuid4().hex[:8]
    start = time.monotonic()
    with History(histories / planned.name / FILE) as history:
        history.append(provenance(ready.cli.assembly, at=start))
        drill = Drill(
            ready.endpoint,
            ready.deployment,
            ready.control,
            planned.options,
            run=run,
            say=lambda _: None,
            scenario=planned.scenario,
            strong=ready.strong,
            history=history,
        )
        with (
            progress.watching(lambda: f"drill {planned.number} of {drills} · {gauge(drill.context)}"),
            contextlib.suppress(OperationError),  # the history says how the drill failed
        ):
            drill.run()
    report = build_report(drill.result)
    row = {
        "number": planned.number,
        "kill": planned.kill,
        "rate_per_second": planned.options.rate,
        "injected_lag_ms": planned.options.lag_milliseconds,
        "before_seconds": planned.options.before_seconds,
        "seconds": round(time.monotonic() - start, 1),
        "failure": report["failure"],
        "history": f"{HISTORIES}/{planned.name}/{FILE}",
        **{name: report["strictness"].get(name) for name in ("read_lag_milliseconds", "shards", *BITES)},
        "phases": {each["name"]: round(each["end"] - each["start"], 1) for each in report["phases"]},
        **{name: report[name] for name in ("acknowledged", "refused", "wrong_balances", *COUNTED, *WORST)},
    }
    return row, drill.context.acknowledged()


def _strictness(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How strict the embedded AWS was, which is the same in all drills, and how often any of them noticed."""
    told = [row for row in rows if row.get("shards") is not None]
    if not told:
        return {}
    return {
        "read_lag_milliseconds": told[-1]["read_lag_milliseconds"],
        "shards": told[-1]["shards"],
        **{name: sum(row[name] for row in told) for name in BITES},
    }


def summarize(
    rows: list[dict[str, Any]], findings: Findings | None, *, stage: str, seed: int, planned: int
) -> dict[str, Any]:
    """Return the campaign's report; it passes when every planned drill finished and nothing was lost then or since."""

    def total(name: str) -> int | None:
        return None if any(row[name] is None for row in rows) else sum(row[name] for row in rows)

    worst = {name: max((row[name] for row in rows if row[name] is not None), default=None) for name in WORST}
    totals = {name: total(name) for name in COUNTED}
    complete = findings is not None and findings.complete
    clean = all(row["failure"] is None and row["refused"] == 0 and row["wrong_balances"] == [] for row in rows)
    return {
        "stage": stage,
        "seed": seed,
        "emulated": True,
        "planned": planned,
        "drills": len(rows),
        "acknowledged": sum(row["acknowledged"] for row in rows),
        **totals,
        "complete_at_the_end": complete,
        "worst": worst,
        "strictness": _strictness(rows),
        "detection": f"health-check intervals and TTLs are {ROUTING_TIME_SCALE:g} times the deployed ones",
        "sweep_margin_seconds": SWEEP_MARGIN_SECONDS,
        "passed": len(rows) == planned and clean and complete and all(value == 0 for value in totals.values()),
        "versions": versions(),
        "rows": rows,
    }
