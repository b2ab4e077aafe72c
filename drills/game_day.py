"""What `tandem drill` says where there is a real AWS: how to rehearse there, with AWS's own fault injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.deployment import Regions


def guide(url: str, stage: str, regions: Regions) -> str:
    """Return how to run the FIS scenario on a stage (AWS FIS User Guide, "Cross-Region: Connectivity")."""
    primary, secondary = regions.both
    return f"""\
a drill injects nothing into AWS: {url} is not an embedded AWS, and nothing was sent to it
To rehearse stage {stage} on AWS, isolate {primary} with AWS FIS:
  1. {primary}, FIS console, scenario library: make a template of "Cross-Region: Connectivity" with
     {secondary} as its destination Region, and minutes as its duration (3 hours unless told otherwise).
  2. Tag the stage's subnets, document bucket and tables with what the template's targets ask for.
  3. Start it:  aws fis start-experiment --region {primary} --experiment-template-id <template>
  4. Watch and act meanwhile:  tandem status --stage {stage}
                               tandem failover --stage {stage} --reason "FIS experiment"
  5. Stop it:  aws fis stop-experiment --region {primary} --id <experiment>
     then  tandem failback --stage {stage}  and  tandem reconcile --stage {stage}
It pauses the replication of S3 and of DynamoDB global tables, and blocks traffic from {primary} to {secondary}.
It cannot pause Aurora's replication, and takes no API away: {primary} stays healthy for Route 53, so clients move only
when `tandem failover` sets the takeover switch. What losing all of a Region does is seen in `make drill` alone.
See docs/runbook.md, "Rehearse on AWS"."""
