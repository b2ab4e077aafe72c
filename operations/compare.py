"""Have the two Regions' ledgers compared, and put what differs into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.parameters import COMPARE_FUNCTION
from operations.errors import OperationError, WrongInputError
from operations.invocations import invoke

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a comparison found. `differences` are lines; `more` says that there are others than these."""

    summary: str
    differences: tuple[str, ...]
    equal: bool
    more: bool


def compare(endpoint: Endpoint, deployment: Deployment, *, since: str | None, until: str | None) -> Comparison:
    """Compare what was recorded in the last hour, or between two times; raises OperationError when a ledger is away."""
    if deployment.regions.single:
        raise WrongInputError(f"stage {deployment.stage} has one Region and one ledger: there is nothing to compare")
    region = deployment.regions.secondary
    function = deployment.find(region, COMPARE_FUNCTION) or deployment.names.function("compare")
    asked = {name: value for name, value in (("since", since), ("until", until)) if value}
    return in_words(invoke(endpoint.long_functions(region), region, function, asked))


def in_words(answer: Mapping[str, Any]) -> Comparison:
    """Read the function's answer; raises OperationError when it is none."""
    try:
        entries = ", ".join(f"{count} in {region}" for region, count in sorted(answer["entries"].items()))
        differing = int(answer["differing_minutes"])
        lines = tuple(
            f"{each['minute']} {each['account']} {each['transaction']}: {_where(each['in'], answer['entries'])}"
            for each in answer["differences"]
        )
        span = f"{answer['since']} to {answer['until']}"
        more = bool(answer["more"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OperationError(f"compare answered {dict(answer)}: it is no comparison ({error})") from error
    verdict = "no difference" if not differing else f"different in {differing} of {answer.get('minutes', '?')} minutes"
    return Comparison(
        summary=f"{span}: entries: {entries}: {verdict}", differences=lines, equal=not differing, more=more
    )


def _where(regions: list[str], all_regions: Mapping[str, int]) -> str:
    missing = sorted(set(all_regions) - set(regions))
    return f"not in {', '.join(missing)}" if missing else "in both, with other contents"
