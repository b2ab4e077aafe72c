"""`tandem verify-aws`."""

import shlex
import uuid
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from command.arguments import Changed, invocation
from command.values import Flag, Folder
from contract.patterns import EMBEDDED_ACCOUNT
from drills.verification.run import ports_of, verify, write
from drills.verification.steps import steps
from operations.deployment import need_domain
from operations.errors import WrongInputError

DEFAULT_FOLDER = Path("build/verify-aws")


def verify_aws(
    *,
    place: Changed,
    account: Annotated[str, Parameter(help="the 12 digits of the AWS account")] = "",
    really: Annotated[Flag, Parameter(help="do it; without this, only say what would be done")] = False,
    report: Annotated[Folder, Parameter(help="each run has a folder below it")] = DEFAULT_FOLDER,
) -> int:
    """Verify a stage on AWS."""
    run = invocation(place)
    run.need_two_regions()
    need_domain(place.stage, place.settings)
    if run.url is not None:
        raise WrongInputError(f"{run.url} is not AWS: leave --endpoint-url out, or run tandem drill")
    planned = steps(place.stage, account=account or "...")
    if not really:
        run.say(f"dry run: these {len(planned)} steps would be done on stage {place.stage}, and nothing was")
        for number, step in enumerate(planned, 1):
            run.say(f"{number:2}. {step.name}: {step.purpose}")
            run.say(f"    {shlex.join(step.command) if step.command else 'waits up to half an hour'}")
        run.say("a step that fails ends it, and nothing is destroyed then; to do it: REALLY=yes, or --really")
        return 0
    if not account.isdigit() or account == EMBEDDED_ACCOUNT:
        raise WrongInputError(f"account {account!r} is none of AWS: give --account, or ACCOUNT=... to make")
    run.endpoint()  # without credentials nothing is begun
    outcomes = verify(planned, ports_of(run.endpoint, place.stage, run.regions), say=run.steps())
    folder = write(outcomes, report, stage=place.stage, run=uuid.uuid4().hex[:8])
    failed = [each.name for each in outcomes if each.outcome == "failed"]
    run.say(f"{'failed at ' + failed[0] if failed else 'passed'}: {folder / 'verification.md'}")
    if failed:
        run.say(f"what was deployed still stands, and costs: make destroy STAGE={place.stage} ACCOUNT={account}")
    return 1 if failed else 0
