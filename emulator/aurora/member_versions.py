"""Members of a global database run one version of the engine (Aurora User Guide, creating a global database).

A secondary cluster is created with the version of the global database that it joins. Amazon RDS refuses another major
version, and another minor one too unless the secondary's is the higher: secondaries are upgraded first (the same,
upgrading a global database, minor versions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable


def install() -> None:
    """Stand in front of RDS's actions that create and change clusters."""
    actions = ministack.RDS_ACTIONS.value
    for action, complaint_of in (
        ("CreateDBCluster", _complaint),
        ("ModifyDBCluster", _untimely),
        ("ModifyGlobalCluster", _unasked),
    ):
        actions[action] = _refusing(actions[action], complaint_of)


def _refusing(stock: Callable[[Any], Any], complaint_of: Callable[[Any], str | None]) -> Callable[[Any], Any]:
    def act(parameters: Any) -> Any:
        complaint = complaint_of(parameters)
        return (
            ministack.RDS_ERROR.value("InvalidParameterCombination", complaint, 400) if complaint else stock(parameters)
        )

    return act


def _complaint(parameters: Any) -> str | None:
    name, version = (
        str(ministack.RDS_PARAMETER.value(parameters, each) or "")
        for each in ("GlobalClusterIdentifier", "EngineVersion")
    )
    joined = ministack.RDS_GLOBAL_CLUSTER.value(name) if name else None
    if not joined or not version or not joined.get("GlobalClusterMembers"):
        return None
    return refusal(version, str(joined.get("EngineVersion") or version))


def _untimely(parameters: Any) -> str | None:
    """Why the writer may not be upgraded yet; None where it may, or where no writer of a global database is upgraded.

    "You upgrade all of the secondary clusters before you upgrade the primary cluster" (the same). Amazon RDS's own
    words for it are not known.
    """
    name, version = (
        str(ministack.RDS_PARAMETER.value(parameters, each) or "") for each in ("DBClusterIdentifier", "EngineVersion")
    )
    cluster: dict[str, Any] = (ministack.RDS_CLUSTER.value(name) if name and version else None) or {}
    global_name = cluster.get("GlobalClusterIdentifier")
    joined = ministack.RDS_GLOBAL_CLUSTER.value(global_name) if global_name else None
    members = joined["GlobalClusterMembers"] if joined else []
    if not any(each["IsWriter"] and each["DBClusterArn"] == cluster["DBClusterArn"] for each in members):
        return None
    others = [ministack.RDS_CLUSTER.value(each["DBClusterArn"]) for each in members if not each["IsWriter"]]
    behind = sorted(each["DBClusterArn"] for each in others if each and _parts(each["EngineVersion"]) < _parts(version))
    return f"upgrade the secondary clusters before the primary cluster: {', '.join(behind)}" if behind else None


def _unasked(parameters: Any) -> str | None:
    """Why a global database may not get another major version; None where that is asked for, or is not done.

    (Amazon RDS API Reference, ModifyGlobalCluster, AllowMajorVersionUpgrade.)
    """
    name, version, allowed = (
        str(ministack.RDS_PARAMETER.value(parameters, each) or "")
        for each in ("GlobalClusterIdentifier", "EngineVersion", "AllowMajorVersionUpgrade")
    )
    known = ministack.RDS_GLOBAL_CLUSTER.value(name) if name and version else None
    if not known or allowed == "true" or _parts(version)[:1] == _parts(str(known.get("EngineVersion") or version))[:1]:
        return None
    return "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."


def refusal(version: str, of_global: str) -> str | None:
    """Why a cluster of `version` may not join a global database of `of_global`; None where it may."""
    own, other = _parts(version), _parts(of_global)
    if own[:1] == other[:1] and own >= other:
        return None
    return f"The engine version {version} of the cluster does not match the global cluster's engine version {of_global}"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
