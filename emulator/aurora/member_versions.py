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

_COMBINATION = "InvalidParameterCombination"
_MINOR = (
    "ModifyGlobalCluster only supports Major Version Upgrades. To patch the members of your global cluster to a newer"
    " minor version you need to call ModifyDbCluster in each one of them."
)


def install() -> None:
    """Stand in front of RDS's actions that create and change clusters."""
    actions = ministack.RDS_ACTIONS.value
    for action, complaint_of, code in (
        ("CreateDBCluster", _complaint, _COMBINATION),
        ("ModifyDBCluster", _untimely, _COMBINATION),
        ("ModifyGlobalCluster", _of_global, _COMBINATION),
        ("ModifyGlobalCluster", _of_all_members, "InvalidParameterValue"),
    ):
        actions[action] = _refusing(actions[action], complaint_of, code)


def _refusing(
    stock: Callable[[Any], Any], complaint_of: Callable[[Any], str | None], code: str
) -> Callable[[Any], Any]:
    def act(parameters: Any) -> Any:
        complaint = complaint_of(parameters)
        return ministack.RDS_ERROR.value(code, complaint, 400) if complaint else stock(parameters)

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


def _of_global(parameters: Any) -> str | None:
    """Why a global database may not get another version; None where it may, or where no other one is asked for.

    A major version has to be allowed (Amazon RDS API Reference, ModifyGlobalCluster, AllowMajorVersionUpgrade), and no
    version goes back.
    """
    version, versions = _asked(parameters)
    allowed = str(ministack.RDS_PARAMETER.value(parameters, "AllowMajorVersionUpgrade") or "")
    if any(_is_before(version, each) for each in versions):
        return f"Cannot find upgrade target from {max(versions, key=_parts)} with requested version {version}."
    if allowed == "true" or all(_parts(version)[:1] == _parts(each)[:1] for each in versions):
        return None
    return "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."


def _of_all_members(parameters: Any) -> str | None:
    """Why a global database may not get another minor version; None where it may, or where no such one is asked for.

    Each member is given its minor version by itself (Aurora User Guide, upgrading a global database, minor versions).
    The words are those that users of other tools have met.
    """
    version, versions = _asked(parameters)
    is_minor = all(_parts(version)[:1] == _parts(each)[:1] for each in versions)
    goes_back = any(_is_before(version, each) for each in versions)
    return _MINOR if is_minor and not goes_back and any(_is_before(each, version) for each in versions) else None


def _asked(parameters: Any) -> tuple[str, list[str]]:
    """The version that a global database is to get, and those that its members have, or it itself without members."""
    name, version = (
        str(ministack.RDS_PARAMETER.value(parameters, each) or "")
        for each in ("GlobalClusterIdentifier", "EngineVersion")
    )
    known = ministack.RDS_GLOBAL_CLUSTER.value(name) if name and version else None
    if not known:
        return version, []
    members = [ministack.RDS_CLUSTER.value(each["DBClusterArn"]) for each in known.get("GlobalClusterMembers", [])]
    return version, [str(each["EngineVersion"]) for each in members or [known] if each and each.get("EngineVersion")]


def refusal(version: str, of_global: str) -> str | None:
    """Why a cluster of `version` may not join a global database of `of_global`; None where it may."""
    own, other = _parts(version), _parts(of_global)
    if own[:1] == other[:1] and own >= other:
        return None
    return f"The engine version {version} of the cluster does not match the global cluster's engine version {of_global}"


def _is_before(version: str, other: str) -> bool:
    """Whether a version is older than another one; a major version alone stands for each of its minor ones."""
    parts, others = _parts(version), _parts(other)
    length = min(len(parts), len(others))
    return parts[:length] < others[:length]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
