"""What the recovery plan verifies a Region with, once it has moved the ledger there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from contract import environment
from tandem.functions import FunctionDefaults, RuntimeFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RecoveryVerification"]


class RecoveryVerification(Construct):
    """The plan's custom action: the Region writes the ledger, and a sweep has brought it up to the journal.

    A Region switch plan demands the function in every Region that it can activate (ARC Developer Guide, custom action
    Lambda execution block). It calls the sweeper, which alone reaches the ledger.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, regions: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        names, region = defaults.names, defaults.region
        self.runtime = RuntimeFunction(
            self,
            "Verify",
            name="verify",
            defaults=defaults,
            description="Verifies that an activated Region writes the ledger and holds what the journal holds",
            timeout=Duration.minutes(15),
            told=(
                environment.Verify(
                    global_cluster=names.global_cluster,
                    target_cluster_arn=names.cluster_arn(region),
                    sweeper_function=names.function("sweeper"),
                ),
            ),
        )
        self.function = self.runtime.function
        clusters = [names.cluster_arn(each) for each in regions]
        self.runtime.allow("rds:DescribeGlobalClusters", on=[names.global_cluster_arn, *clusters])
        self.runtime.allow("lambda:InvokeFunction", on=[names.function_arn("sweeper", region)])
        self.runtime.allow_key(defaults.key)
