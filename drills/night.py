"""A whole night at the keyboard, played in the embedded AWS and written down: `make night`.

The primary Region is lost; its alarm wakes somebody, who works by the operators' role and types what the runbook says,
until the Region is back and the evidence is verified. What each command prints goes into the runbook as it was printed,
into the page of the night and into the pages for alarms.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills import runbook_steps
from drills.embedded.cdk import CdkCli
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from drills.evidence.manifest import seal
from drills.runbook_pages import fill_pages
from drills.typed import STAGE, Night, Step, healthy, waited
from operations.alarms import ringing
from operations.deployment import Regions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOLDER = ROOT / "docs" / "runbook"
PAGE = FOLDER / "night.md"
WORK = ROOT / "build" / "night"
LAG_MILLISECONDS = 80
EVIDENCE = "build/night/evidence"

INTRODUCTION = """\
# A night, as it was typed

The primary Region is lost at night and returns. This page is written by `make night`: a program plays the night in the
embedded AWS, where it loses the Region, types what stands here by the operators' role and no other, and keeps what was
printed. The line above a command says how long it took here. On AWS moving the writer takes minutes, and rebuilding the
old primary takes minutes to hours; everything else takes about as long as here.
"""


def _lose(night: Night) -> str:
    """Lose the Region and wait for the alarm; return what it tells whom it wakes."""
    region = night.deployment.regions.secondary
    night.control.lose(night.deployment.regions.primary)
    night.wait(
        lambda: any("HeartbeatOld" in name for name in _told(night, region)),
        "no alarm rang",
    )
    told = night.endpoint.cloudwatch(region).describe_alarms(StateValue="ALARM")["MetricAlarms"]
    alarm = next(each for each in told if "HeartbeatOld" in each["AlarmName"])
    return f"ALARM: {alarm['AlarmName']} in {region}\n{alarm['AlarmDescription']}"


def _told(night: Night, region: str) -> set[str]:
    """The alarms that ring and are not only new."""
    alarms = ringing(night.endpoint, night.deployment, region)
    return set(alarms.names) - set(alarms.starting)


def _return(night: Night) -> None:
    night.control.restore(night.deployment.regions.primary)


def _keep(night: Night) -> None:
    folder = ROOT / EVIDENCE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "transcript.md").write_text("\n".join(night.lines), encoding="utf-8")
    seal(folder, key=None)


STEPS = (
    Step(
        heading="Before",
        text="All is well. So it looks when there is nothing to do.",
        command=f"tandem status --stage {STAGE}",
        before=waited(healthy),
    ),
    Step(
        heading="The alarm",
        text="us-east-1 is lost. Clients have moved by then. Within minutes this message wakes somebody:",
        before=_lose,
    ),
    Step(
        heading="What is the matter",
        text="The first line is the verdict, and it ends in the command to type.",
        command=f"tandem status --stage {STAGE}",
        statuses=(3,),
    ),
    Step(
        heading="Could it fail over",
        text="What concerns the lost Region is unknown, and so is what the embedded AWS has not, or answers late. The "
        "last lines are what passes.",
        command=f"tandem preflight --stage {STAGE}",
        statuses=(0, 1, 3),
    ),
    Step(
        heading="What would be lost",
        text="Nothing is changed by this.",
        command=f"tandem failover --stage {STAGE} --dry-run",
    ),
    Step(
        heading="Failing over",
        text="`--yes` answers the question that it would ask at a keyboard. `recover` may have begun by itself "
        "meanwhile: the command finds what is done, and does the rest.",
        command=f'tandem failover --stage {STAGE} --yes --reason "page 42"',
    ),
    Step(
        heading="What is the state now",
        text="The secondary Region serves and writes, alone.",
        command=f"tandem status --stage {STAGE}",
        statuses=(3,),
    ),
    Step(
        heading="The Region is back",
        text="us-east-1 answers again. The command waits until its ledger is a current replica, moves the writer back "
        "without loss, and releases the switch.",
        command=f'tandem failback --stage {STAGE} --yes --wait 300 --reason "page 42"',
        before=waited(_return),
    ),
    Step(
        heading="Nothing is missing",
        text="What the journal has and the ledger has not is inserted.",
        command=f"tandem reconcile --stage {STAGE}",
    ),
    Step(
        heading="Nothing is set aside",
        text="Neither in quarantine,",
        command=f"tandem quarantine --stage {STAGE}",
    ),
    Step(
        heading="No transaction was taken twice",
        text="nor with two payloads.",
        command=f"tandem conflicts --stage {STAGE}",
    ),
    Step(
        heading="Afterwards",
        text="It looks as before, and the switch keeps who moved it last, why and when.",
        command=f"tandem status --stage {STAGE}",
        before=waited(healthy),
    ),
    Step(
        heading="The evidence",
        text="What was typed and printed lies in a sealed folder: whoever asks later sees that nobody changed it.",
        command=f"tandem evidence verify {EVIDENCE}",
        before=waited(_keep),
    ),
)
"""The night, in order."""


def play(night: Night, steps: Iterable[Step] = STEPS, *, say: Callable[[str], None] = print) -> str:
    """Do each step in turn; return the page."""
    for step in steps:
        say(f"{time.monotonic() - night.began:6.1f} s  {step.key.removesuffix(': ')}")
        night.run(step)
    return "\n".join([INTRODUCTION, *night.lines]).rstrip() + "\n"


def main() -> None:
    """Start an embedded AWS, deploy the stage, play the night and what the pages name besides, and write them."""
    with EmbeddedAws(
        Regions(), state=WORK / "emulator", lag_milliseconds=LAG_MILLISECONDS, routing_time_scale=0.1
    ) as aws:
        CdkCli(aws.url, WORK / "work").prepare(STAGE, Regions()).deploy()
        night = Night.on(aws.url)
        PAGE.write_text(play(night), encoding="utf-8")
        play(night, runbook_steps.STEPS)
        fill_pages(FOLDER, night.printed)


if __name__ == "__main__":
    main()
