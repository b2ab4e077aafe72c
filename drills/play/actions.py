"""What may be done to a played stage, by a button or by `tandem play`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

REGION, NUMBER, NOTHING = "REGION", "NUMBER", ""
"""What an action is given."""
MOST_RATE = 200
SLOW_MILLISECONDS = 800
"""How much later a Region's API answers when it is slowed down: less than the 3 s after which clients give up."""
DEFAULT_RATE = 20.0

ACTIONS: Mapping[str, tuple[str, str]] = {
    "load": (NUMBER, f"send so many transactions per second, up to {MOST_RATE}, and none with 0"),
    "lose": (REGION, "lose a Region: its endpoints refuse, its functions and its database are killed"),
    "restore": (REGION, "bring a lost Region back"),
    "partition": (REGION, "cut a Region off from the other one; both go on"),
    "slow": (REGION, f"have the Region's API answer {SLOW_MILLISECONDS} ms later"),
    "mend": (NOTHING, "end the partition and answer at full speed again"),
    "failover": (REGION, "force the ledger and the traffic over to a Region, whatever the other one does"),
    "switchover": (NOTHING, "the same to the secondary Region as planned, without loss: needs both Regions"),
    "failback": (NOTHING, "return to the primary Region, without loss"),
}
"""Each action's name, what it is given, and what it does."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to do; `region` or `rate` is what it was given, where it needs one."""

    name: str
    region: str = ""
    rate: float = 0.0

    @property
    def line(self) -> str:
        """The action in words."""
        number = "end the load" if not self.rate else f"load of {self.rate:g} transactions per second"
        return {
            "load": number,
            "lose": f"lose {self.region}",
            "restore": f"restore {self.region}",
            "partition": f"cut {self.region} off",
            "slow": f"slow the API of {self.region} down by {SLOW_MILLISECONDS} ms",
            "mend": "end the partition and every slowness",
            "failover": f"fail over to {self.region}, forced",
            "switchover": f"switch over to {self.region}, planned",
            "failback": "fail back",
        }[self.name]


def action_of(asked: Mapping[str, Any], regions: tuple[str, ...]) -> Action:
    """Return what is asked for by `do` and `with`; raises WrongInputError for what is no action of these Regions.

    A forced failover and a partition are about the secondary Region unless another is named.
    """
    name, value = str(asked.get("do", "")), asked.get("with")
    if name not in ACTIONS:
        raise WrongInputError(f"{name!r} is nothing to do: give one of {', '.join(ACTIONS)}")
    needs, _ = ACTIONS[name]
    if needs == NOTHING:
        if value not in (None, ""):
            raise WrongInputError(f"{name} takes nothing, and was given {value!r}: leave it out")
        return Action(name=name, region=regions[-1] if name == "switchover" else "")
    if needs == NUMBER:
        return Action(name=name, rate=_rate(DEFAULT_RATE if value in (None, "") else value))
    if value in (None, "") and name in {"partition", "failover"}:
        value = regions[-1]
    if value not in regions:
        raise WrongInputError(f"{name} needs a Region, and was given {value!r}: give {' or '.join(regions)}")
    return Action(name=name, region=str(value))


def _rate(value: object) -> float:
    try:
        rate = float(str(value))
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= MOST_RATE:
        raise WrongInputError(f"load was given {value!r}: give a number from 0 to {MOST_RATE}")
    return rate
