"""Checks of a game day: the experiment ran to its end, clients were served, and the canary arrived afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drills.history.seen import ApiAsked, ApiSilenceAsked, CanaryAsked, CanaryRead, ExperimentAsked, ExperimentSeen
from drills.verdict.checks import Check, Verdict, verdict_of
from drills.verdict.silence import longest_silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.history.events import Event
    from drills.verdict.past import Past

HEALTHY = 200


def _ran_to_its_end(asked: ExperimentAsked, past: Past) -> list[Check]:
    """An experiment that was broken off, or could not run, shows nothing; one that an alarm stopped did harm."""
    name = "the experiment ran to its end"
    states = past.of(ExperimentSeen)
    if not states:
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail="no experiment was seen")]
    last = states[-1]
    detail = f"{last.experiment} is {last.status}: {last.reason}"
    if asked.interrupted or last.status not in ("completed", "stopped"):
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail=detail)]
    return [Check(name=name, verdict=verdict_of(last.status == "completed"), detail=detail)]


def _answered_all_along(asked: ApiSilenceAsked, past: Past) -> list[Check]:
    name = "the API answered by its name"
    answers = [event for event in past.of(ApiAsked) if event.at >= asked.since]
    if not answers:
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail="it was not asked")]
    healthy = [event for event in answers if event.status == HEALTHY]
    begin, end = longest_silence((event.at for event in healthy), asked.since, asked.at)
    regions = ", ".join(dict.fromkeys(event.region for event in healthy if event.region)) or "nobody"
    detail = (
        f"{len(healthy)} of {len(answers)} times, by {regions}; longest silence {end - begin:.1f} s, "
        f"at most {asked.most_seconds:.3g} s"
    )
    return [Check(name=name, verdict=verdict_of(end - begin <= asked.most_seconds), detail=detail)]


def _canary_arrives(_: CanaryAsked, past: Past) -> list[Check]:
    """What it measured last of each Region; a Region of which it measured nothing is unknown."""
    name = "the canary is acknowledged by both Regions"
    reads = past.of(CanaryRead)
    last = reads[-1].acknowledged if reads else {}
    silent = [region for region in (past.began.primary, past.began.secondary) if last.get(region) is None]
    if silent:
        detail = f"it measured nothing of {' and '.join(silent)} in the last minutes"
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail=detail)]
    detail = ", ".join(f"{region} {seconds:.2f} s" for region, seconds in last.items())
    return [Check(name=name, verdict=Verdict.PASSED, detail=detail)]


JUDGES: Mapping[type[Event], Callable[[Any, Past], list[Check]]] = {
    ExperimentAsked: _ran_to_its_end,
    ApiSilenceAsked: _answered_all_along,
    CanaryAsked: _canary_arrives,
}
"""Who judges which event."""
