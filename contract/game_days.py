"""The experiments of a game day: what each is called, and what it does to the primary Region.

The stacks deploy one AWS FIS template for each, and `tandem game-day` starts one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CROSS_REGION = "cross-region"
REPLICATION = "paused-replication"
DYNAMODB = "cut-dynamodb"

EXPERIMENTS: Mapping[str, str] = {
    CROSS_REGION: "cuts its VPC off from the secondary Region and pauses the replication of both global tables",
    REPLICATION: "pauses the replication of both global tables",
    DYNAMODB: "cuts its functions in the VPC, projector and sweeper above all, off from DynamoDB",
}
"""Each experiment and what it does, as a sentence goes on that begins with the primary Region."""

SCENARIO = "game-day-"
"""How a report's scenario begins that is a game day."""

SERVICE = "fis.amazonaws.com"
"""The service that assumes the experiments' role."""

PAUSE_REPLICATION = "aws:dynamodb:global-table-pause-replication"
CUT_REGION = "aws:network:route-table-disrupt-cross-region-connectivity"
CUT_SUBNETS = "aws:network:disrupt-connectivity"
"""The actions (AWS FIS User Guide, actions reference)."""

ACTION_MINUTES = (1, 12 * 60)
"""The least and the most that an action may last (AWS FIS User Guide, actions reference)."""

ALARM_SOURCE = "aws:cloudwatch:alarm"
"""What a stop condition names where it is a CloudWatch alarm (AWS FIS API Reference)."""

NAME_TAG = "Game-Day"
"""The tag by which a template is found: AWS FIS names templates by ids of its own."""
