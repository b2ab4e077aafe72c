"""A report's figures and story in words that need no code to be understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.game_days import SCENARIO
from drills.report.way import told

LATENCY_PERIODS = {
    "before": "before",
    "during_outage": "due in the outage, until the secondary acknowledges",
    "during_recovery": "due in the recovery, until everything is back",
    "after": "after",
}
SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A figure, what was measured, what was asked (empty: nothing), and the verdict (empty: not asked).

    `on_aws` is what AWS's documents let one expect there, empty where they say nothing of it.
    """

    name: str
    measured: str
    asked: str
    verdict: str
    on_aws: str = ""


def duration(value: float | None, *, unit: str = "s") -> str:
    """Return a duration given in `unit` ("s" or "ms") as people read it."""
    if value is None:
        return "not measured"
    seconds = value / 1000 if unit == "ms" else value
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - below it, a digit more tells something
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 3 * SECONDS_OF_A_MINUTE else f"{seconds / SECONDS_OF_A_MINUTE:.1f} min"


def figures(report: dict[str, Any]) -> list[FigureRow]:
    """Return the figures that the summary and the page show, against the stage's objectives."""
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    expected = {each["figure"]: each["expected"] for each in report["expected_on_aws"]}

    def row(name: str, key: str, *, counted: bool = False) -> FigureRow:
        if key in report["not_applicable"]:
            return FigureRow(name=name, measured="not applicable", asked="", verdict="")
        value, limit = report[key], report["objectives"].get(key)
        if counted:
            measured = "not measured" if value is None else f"{value:,}"
            asked = "" if limit is None else f"{limit:,}"
        else:
            measured = duration(value)
            asked = "" if limit is None else f"at most {limit:g} s" if limit else "0 s"
        return FigureRow(
            name=name,
            measured=measured,
            asked=asked,
            verdict=verdicts.get(key, "") if asked else "",
            on_aws=expected.get(name.partition(":")[0], ""),
        )

    return [
        row("Acknowledged transactions", "acknowledged", counted=True),
        row("Lost", "lost", counted=True),
        row("Duplicated", "duplicated", counted=True),
        row("Missing in a ledger", "ledger_missing", counted=True),
        row("Write RTO: outage to the first acknowledgement by the other Region", "write_rto_seconds"),
        row("All clients moved, from the outage", "clients_moved_seconds"),
        row("Ledger RTO: outage to a complete ledger", "ledger_rto_seconds"),
        row("Ledger complete, from its promotion", "ledger_complete_seconds"),
        row("RPO: age of the oldest acknowledged transaction not in the other Region", "rpo_seconds"),
    ]


def story(report: dict[str, Any]) -> list[str]:
    """Return what was done and what came of it, in sentences."""
    regions = " and ".join(report["regions"])
    day = datetime.fromisoformat(report["began"])
    deployed = (
        f"On {day.day} {day:%B %Y} the AWS CDK CLI deployed stage {report['stage']} into an embedded AWS with the "
        f"Regions {regions}, on one machine. Scenario {report['scenario']}: {report['summary']}."
    )
    if report["scenario"].startswith(SCENARIO):
        deployed = (
            f"On {day.day} {day:%B %Y} stage {report['stage']}, deployed in {_place(report)} in the "
            f"Regions {regions}, went through an experiment of AWS FIS. {report['summary']}."
        )
    load = (
        f"{report['clients']} clients, which knew nothing but the API's name, sent {report['rate_per_second']:g} "
        "transactions per second, whether or not earlier ones had been answered."
    )
    sentences = [
        deployed,
        *([load] if report["rate_per_second"] else []),
        *told(report.get("clients_reached_it_by")),
        *_outage(report),
        *_ledger(report),
        *(
            f"The recovery plan was executed towards {execution['region']} ({execution['mode']}), "
            f"in {len(execution['steps'])} steps: {execution['state']}."
            for execution in report["plan_executions"]
        ),
        *([_verification(report)] if report["rate_per_second"] else []),
    ]
    if report["failure"]:
        sentences.append(f"The drill did not finish: {report['failure']}.")
    elif not report["ended"]:
        sentences.append("The history ends before the drill does, so what follows from it is what was seen by then.")
    return sentences


def what_it_shows(report: dict[str, Any]) -> str:
    """Return what the figures show: that nothing was lost, only where everything was looked up and nothing is wrong."""
    order = "The figures show in which order things recover"
    if report["lost"] is None:
        return f"{order}; whether anything was lost was not looked up."
    if _wrong(report):
        return f"{order}; the invariants below say what was lost, duplicated or wrong."
    return f"{order}, and that nothing acknowledged was lost, duplicated or missing at the end."


def _wrong(report: dict[str, Any]) -> list[str]:
    """Return what the look-up found wrong, in words."""
    counted = ("lost", "duplicated", "different_answers", "ledger_missing")
    faults = [f"{report[name]} {name.replace('_', ' ')}" for name in counted if report[name]]
    return faults + ([f"{len(report['wrong_balances'])} wrong balances"] if report["wrong_balances"] else [])


def _place(report: dict[str, Any]) -> str:
    return "an embedded AWS" if report["emulated"] else "AWS"


def _outage(report: dict[str, Any]) -> list[str]:
    begun = next((each["at"] for each in report["events"] if each["name"] == "outage begins"), None)
    if begun is None:
        return []
    secondary = report["regions"][-1]
    sentences = [f"The outage began {duration(begun)} into the drill."]
    if (rto := report["write_rto_seconds"]) is not None:
        sentences.append(
            f"Route 53's health checks, as deployed, moved the name: {secondary} acknowledged the first transaction "
            f"after {duration(rto)}"
            + (
                f", and all clients had moved after {duration(moved)}."
                if (moved := report["clients_moved_seconds"]) is not None
                else "."
            )
        )
    elif "write_rto_seconds" not in report["not_applicable"]:
        sentences.append(f"{secondary} acknowledged nothing.")
    if missing := report["unreplicated_at_failover"]:
        ends = {None: "whether they came was not looked up", 0: "they were there at the end"}
        returned = ends.get(report["lost"], "see what was lost below")
        sentences.append(
            f"{missing} acknowledged transactions, the oldest of {duration(report['rpo_seconds'] or 0)}, had not "
            f"reached {secondary}: {returned}."
        )
    return sentences


def _ledger(report: dict[str, Any]) -> list[str]:
    promoted, complete = report["promotion_seconds"], report["ledger_complete_seconds"]
    if promoted is None or complete is None:
        return []
    return [
        (
            f"The ledger of {report['regions'][-1]} was promoted {duration(promoted)} after the outage began, lacked "
            f"{report['ledger_missing_at_promotion']} transactions of its journal then, and was complete "
            f"{duration(complete)} later."
        )
    ]


def _verification(report: dict[str, Any]) -> str:
    if report["lost"] is None:
        return f"The {report['acknowledged']:,} acknowledged transactions were not looked up: it did not come to that."
    wrong = _wrong(report)
    outcome = f"found: {', '.join(wrong)}" if wrong else "nothing was lost, duplicated or missing anywhere"
    repeated = f" Of them {report['sent_again']:,} had been sent again after their acknowledgement."
    return (
        f"In the end each of the {report['acknowledged']:,} acknowledged transactions was looked up in journals and "
        f"ledgers, and every balance compared, "
        f"which shows that each was posted exactly once: {outcome}." + (repeated if report["sent_again"] else "")
    )
