"""Every command: where it is, what it is for, and examples of it. What carries one out is imported when it is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command; `target` is `module:name` of a function or, where it has actions, of an `App`."""

    name: str
    target: str
    text: str
    examples: tuple[str, ...]


COMMANDS = (
    Command(
        name="status",
        target="command.status:status",
        text="say in one line how the stage is and what to type next, and show what every Region tells",
        examples=("tandem status --stage prod", "tandem status --stage prod --watch 5"),
    ),
    Command(
        name="bake",
        target="command.bake:bake_command",
        text="watch a stage after a deployment, and say what to do when an alarm rings; make deploy does",
        examples=("tandem bake --stage prod --minutes 30",),
    ),
    Command(
        name="changes",
        target="command.changes:changes",
        text="say which changed settings the deployed stage cannot take; make deploy asks this first",
        examples=("tandem changes --stage prod",),
    ),
    Command(
        name="clean-failed",
        target="command.clean_failed:clean_failed",
        text="delete a stack whose first deployment failed, with what is protected in it",
        examples=("tandem clean-failed PrimaryRegionStack --stage dev",),
    ),
    Command(
        name="preflight",
        target="command.preflight:preflight_command",
        text="ask what a deployment and a failover need, before either begins; changes nothing",
        examples=("tandem preflight --stage prod", "tandem preflight --stage prod --json"),
    ),
    Command(
        name="failover",
        target="command.failover:failover",
        text="leave the primary Region: pull the takeover switch, promote the secondary ledger",
        examples=(
            "tandem failover --stage prod --dry-run",
            "tandem failover --stage prod",
            "tandem failover --stage prod --planned --yes --reason 'game day'",
        ),
    ),
    Command(
        name="failback",
        target="command.failover:failback",
        text="return to the primary Region without loss, then release the takeover switch",
        examples=("tandem failback --stage prod --wait 600",),
    ),
    Command(
        name="reconcile",
        target="command.ledger:reconcile_command",
        text="insert into the ledger whatever the journal holds and the ledger does not",
        examples=(
            "tandem reconcile --stage prod",
            "tandem reconcile --stage prod --since 2026-01-31T00:00:00+00:00",
        ),
    ),
    Command(
        name="conflicts",
        target="command.ledger:conflicts_command",
        text="show the transactions that were taken twice with different payloads",
        examples=("tandem conflicts --stage prod --json",),
    ),
    Command(
        name="quarantine",
        target="command.ledger:quarantine",
        text="show what the ledger cannot take, or have it looked at again",
        examples=("tandem quarantine --stage prod", "tandem quarantine release --all --stage prod"),
    ),
    Command(
        name="compare",
        target="command.compare:compare_command",
        text="compare both Regions' ledgers; without times, what was recorded in the hour that ended a minute ago",
        examples=(
            "tandem compare --stage prod",
            "tandem compare --stage prod --since 2026-01-31T00:00:00+00:00 --until 2026-02-01T00:00:00+00:00",
        ),
    ),
    Command(
        name="copy-journal",
        target="command.copy_journal:copy_journal_command",
        text="write every transaction of another stage's journal into this stage's; what is there already stays",
        examples=("tandem copy-journal --from staging --stage prod",),
    ),
    Command(
        name="restore",
        target="command.restore:restore",
        text="restore a ledger that is gone in both Regions; tandem reconcile completes it from the journal",
        examples=("tandem restore --stage prod --dry-run", "tandem restore --stage prod --region us-west-2"),
    ),
    Command(
        name="drill",
        target="command.drill:drill",
        text="lose the primary Region of an embedded AWS under load, recover, verify, report",
        examples=("tandem drill --routing-time-scale 0.1", "tandem drill --stage prod --scenario partition --rate 50"),
    ),
    Command(
        name="game-day",
        target="command.game_day:game_day",
        text="run an experiment of AWS FIS on a deployed stage, watch what clients see, judge and report it",
        examples=(
            "tandem game-day --stage staging --experiment paused-replication",
            "tandem game-day --stage staging --watch EXP123456789",
        ),
    ),
    Command(
        name="verify-aws",
        target="command.verify_aws:verify_aws",
        text="deploy a stage to AWS, run its game days, move and return, destroy it; a dry run unless told otherwise",
        examples=("tandem verify-aws --stage staging",),
    ),
    Command(
        name="campaign",
        target="command.drill:campaign",
        text="many short, random drills in a row in an embedded AWS, all from one seed",
        examples=("tandem campaign --drills 20 --seed 7",),
    ),
    Command(
        name="play",
        target="command.play:play",
        text="keep a stage up in an embedded AWS and show it on a local page; with an ACTION: do that to it",
        examples=("tandem play", "tandem play load 20", "tandem play lose us-east-1"),
    ),
    Command(
        name="evidence",
        target="command.evidence:evidence",
        text="seal and verify the folders of drills, and list them with the trend of RTO and RPO",
        examples=("tandem evidence list", "tandem evidence verify build/drill/latest --key public.pem"),
    ),
    Command(
        name="report",
        target="command.report:report",
        text="draw a drill's report again from its history alone",
        examples=("tandem report build/drill/latest",),
    ),
)
