"""Members of a global database run one version of the engine (Aurora User Guide, creating a global database).

A secondary cluster is created with the version of the global database that it joins. Amazon RDS refuses another major
version, and another minor one too unless the secondary's is the higher: secondaries are upgraded first (the same,
upgrading a global database, minor versions).
"""

from __future__ import annotations

from typing import Any

from emulator import ministack


def install() -> None:
    """Stand in front of RDS's action that creates a cluster."""
    actions = ministack.RDS_ACTIONS.value
    stock = actions["CreateDBCluster"]

    def create(parameters: Any) -> Any:
        complaint = _complaint(parameters)
        return (
            ministack.RDS_ERROR.value("InvalidParameterCombination", complaint, 400) if complaint else stock(parameters)
        )

    actions["CreateDBCluster"] = create


def _complaint(parameters: Any) -> str | None:
    name, version = (
        str(ministack.RDS_PARAMETER.value(parameters, each) or "")
        for each in ("GlobalClusterIdentifier", "EngineVersion")
    )
    joined = ministack.RDS_GLOBAL_CLUSTER.value(name) if name else None
    if not joined or not version or not joined.get("GlobalClusterMembers"):
        return None
    return refusal(version, str(joined.get("EngineVersion") or version))


def refusal(version: str, of_global: str) -> str | None:
    """Why a cluster of `version` may not join a global database of `of_global`; None where it may."""
    own, other = _parts(version), _parts(of_global)
    if own[:1] == other[:1] and own >= other:
        return None
    return f"The engine version {version} of the cluster does not match the global cluster's engine version {of_global}"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
