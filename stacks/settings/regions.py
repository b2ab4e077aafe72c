"""The Regions that a stage may live in: AWS's of the partition `aws`. A test holds the list to botocore's."""

from __future__ import annotations

KNOWN_REGIONS = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1"),
        *("eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    }
)

OTHER_PARTITIONS = {
    "us-gov": "AWS GovCloud",
    "cn": "AWS in China",
    "us-iso": "AWS's secret Regions",
    "eusc": "AWS's European Sovereign Cloud",
}
"""How the Regions of other partitions begin. Route 53's health checks and ARC Region switch are not the same there."""


def mistake_of(region: str) -> str | None:
    """Return why a stage cannot live in `region`, None where it can."""
    for prefix, name in OTHER_PARTITIONS.items():
        if region.startswith((f"{prefix}-", f"{prefix}b-")):
            return f"must be a region of the partition aws: {name} is not supported"
    return None if region in KNOWN_REGIONS else "must be a region that exists, such as us-east-1"
