"""The CDK app, one stage at a time: `cdk synth -c stage=staging`.

Settings are read before CDK is loaded, because a mistake in them is then told in a fifth of a second instead of two.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from stacks import inputs
from stacks.settings.stage import SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.settings.stage import Settings

ROOT = Path(__file__).parent
SETTINGS = ROOT / "settings"


def context_of(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the context that the CDK CLI hands to an app: in a variable, and in a file where it is too long for one.

    The same variables are read by `aws_cdk.App` (aws-cdk-lib, `cx-api/lib/context.ts`).
    """
    context: dict[str, object] = json.loads(environment.get("CDK_CONTEXT_JSON", "{}"))
    overflow = environment.get("CONTEXT_OVERFLOW_LOCATION_ENV")
    return context | json.loads(Path(overflow).read_text(encoding="utf-8")) if overflow else context


def settings_of(context: Mapping[str, object]) -> Settings:
    """Return the settings of the stage that the context names, staging where it names none; raises SettingsError."""
    stage, account = context.get("stage"), context.get("account")
    delegated = context.get("delegated", "false")
    if delegated not in ("true", "false"):
        raise SettingsError(f"context delegated = {delegated!r}: it must be true or false")
    return load(
        "staging" if stage is None else str(stage),
        SETTINGS,
        account=None if account is None else str(account),
        delegated=delegated == "true",
    )


def refuse(reason: str) -> NoReturn:
    """Exit with 2 and one line, before anything is synthesized."""
    sys.stderr.write(f"{reason}\n")
    sys.exit(2)


def main() -> None:
    """Synthesize the stage that the context names; exits with 2 and one line when a setting cannot be.

    Where the CDK CLI's folder holds what the same inputs led to, nothing is synthesized, and no rule pack runs twice.
    """
    gc.disable()  # what a synthesis builds is needed to its end: looking for garbage takes a tenth of it
    try:
        context = context_of(os.environ)
        settings = settings_of(context)
    except SettingsError as error:
        refuse(str(error))

    output = os.environ.get("CDK_OUTDIR")
    digest = inputs.digest(ROOT, context, os.environ) if output else ""
    if output and inputs.unchanged(Path(output), digest):
        return

    from aws_cdk import App  # noqa: PLC0415 - see above

    from stacks.composition import build, check  # noqa: PLC0415 - see above
    from tandem.functions import BUNDLES  # noqa: PLC0415 - see above

    if not (BUNDLES / "transactions.zip").is_file():
        refuse(f"{BUNDLES}: the functions are not packaged: run make setup")
    app = App()
    build(app, settings)
    if os.environ.get("CDK_VALIDATION") != "false":
        check(app, settings)
    app.synth()
    if output:
        inputs.record(Path(output), digest)


if __name__ == "__main__":
    main()
