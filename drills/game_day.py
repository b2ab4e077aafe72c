"""What `tandem drill` says where there is a real AWS: how to rehearse there, with AWS's own fault injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.deployment import Regions


def guide(url: str, stage: str, regions: Regions) -> str:
    """Return how to run a game day on a stage (AWS FIS User Guide, actions reference)."""
    primary, secondary = regions.both
    return f"""\
a drill injects nothing into AWS: {url} is not an embedded AWS, and nothing was sent to it
To rehearse stage {stage} on AWS, have AWS FIS break {primary}:
  1. Start an experiment, and have it watched and reported:
       tandem game-day --stage {stage} --experiment cross-region
  2. Watch and act meanwhile:  tandem status --stage {stage}
                               tandem failover --stage {stage} --reason "game day"
  3. Ctrl-C stops it, and so does  aws fis stop-experiment --region {primary} --id <experiment>
     then  tandem failback --stage {stage}  and  tandem reconcile --stage {stage}
It pauses the replication of DynamoDB global tables, and blocks traffic from {primary}'s subnets to {secondary}.
It cannot pause Aurora's replication, and takes no API away: {primary} stays healthy for Route 53, so clients move only
when `tandem failover` sets the takeover switch. What losing all of a Region does is seen in `make drill` alone.
See docs/game-days.md."""
