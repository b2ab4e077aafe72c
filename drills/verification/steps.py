"""The steps of verifying a stage on AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.game_days import EXPERIMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

CANARY = "canary"
LOOKED = (0, 3)
"""Nothing failed, and some of it is unknown: a preflight cannot tell everything by itself."""
GAME_DAYS = "build/verify-aws/game-days"
"""The folder of the experiments' reports."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: what it is for, and the command that does it, with the exit statuses that let the next one begin.

    A step without a command waits for the canary.
    """

    name: str
    purpose: str
    command: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (0,)


def steps(stage: str, *, account: str) -> Sequence[Step]:
    """Return every step in its order."""
    of_stage = ("--stage", stage)
    made = (f"STAGE={stage}", f"ACCOUNT={account}", "APPROVAL=never")
    return (
        Step(name="bootstrap", purpose="prepare both Regions for the CDK CLI", command=("make", "bootstrap", *made)),
        Step(
            name="preflight",
            purpose="ask what a deployment needs; what only a deployed stage can tell is unknown by now",
            command=("tandem", "preflight", *of_stage),
            statuses=LOOKED,
        ),
        Step(name="deploy", purpose="deploy every stack, and watch its alarms", command=("make", "deploy", *made)),
        Step(
            name="preflight again",
            purpose="ask what a failover needs",
            command=("tandem", "preflight", *of_stage),
            statuses=LOOKED,
        ),
        Step(name=CANARY, purpose="wait until the canary was acknowledged by both Regions"),
        *(
            Step(
                name=f"game day {experiment}",
                purpose=f"AWS FIS acts on the primary Region: it {does}",
                command=(
                    *("tandem", "game-day", *of_stage, "--experiment", experiment),
                    *("--yes", "--report", GAME_DAYS),
                ),
            )
            for experiment, does in EXPERIMENTS.items()
        ),
        Step(
            name="failover",
            purpose="move traffic and the ledger to the secondary Region, which AWS FIS cannot do, without loss",
            command=("tandem", "failover", *of_stage, "--planned", "--yes", "--reason", "verification on AWS"),
        ),
        Step(
            name="failback",
            purpose="return to the primary Region",
            command=("tandem", "failback", *of_stage, "--yes", "--wait", "600"),
        ),
        Step(
            name="compare",
            purpose="compare both Regions' ledgers",
            command=("tandem", "compare", *of_stage),
        ),
        Step(
            name="destroy",
            purpose="destroy every stack; what the stage retains stays, and costs on",
            command=("make", "destroy", *made),
        ),
    )
