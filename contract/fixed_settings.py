"""Settings that a deployed stage keeps for good: stacks publish them, operators compare them with the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract.parameters import TOPOLOGY

if TYPE_CHECKING:
    from collections.abc import Mapping

_ZONES = "availability_zones"

Fixed = dict[str, str]
"""A setting's key, such as networks.primary.cidr, and its value; empty where the stage does not set it."""


def region_key(role: str) -> str:
    """The key of a Region's name; `role` is primary, secondary or witness."""
    return f"regions.{role}"


def network_key(role: str, name: str = "") -> str:
    """The key of a setting of a Region's network, or how all of them begin; `role` is primary or secondary."""
    return f"networks.{role}.{name}"


def domain_key() -> str:
    """The key of the domain's name: a stage may come to have a domain, and then keeps its name."""
    return "domain.name"


def lists_zones(key: str) -> bool:
    """Whether the setting lists a network's availability zones, of which there may be more later."""
    return key.endswith(f".{_ZONES}")


def fixed_settings(settings: Mapping[str, Any]) -> Fixed:
    """Return what never changes of a stage's settings, given as its file has them.

    Zones are among them in their order: one that is added goes to the end, because subnets take their addresses in
    the order of the zones. What is not there, or is no table, counts as empty.
    """
    regions, networks, journal = (_table(settings, name) for name in ("regions", "networks", "journal"))
    fixed = {
        TOPOLOGY: _text(settings.get(TOPOLOGY)),
        "journal.consistency": _text(journal.get("consistency")),
    }
    fixed |= {region_key(role): _text(regions.get(role)) for role in ("primary", "secondary", "witness")}
    for role in ("primary", "secondary"):
        network = _table(networks, role)
        fixed[network_key(role, "cidr")] = _text(network.get("cidr"))
        fixed[network_key(role, _ZONES)] = ",".join(network.get(_ZONES) or ())
    return fixed


def with_domain(fixed: Fixed, name: str) -> Fixed:
    """Add the domain's name, empty where there is none; the API's name tells it of a deployed stage."""
    return fixed | {domain_key(): name}


def domain_of(settings: Mapping[str, Any]) -> str:
    """The domain's name in settings as their file has them; empty where there is none."""
    return _text(_table(settings, "domain").get("name"))


def written(fixed: Fixed) -> str:
    """The text that a parameter holds."""
    return json.dumps(fixed, separators=(",", ":"), sort_keys=True)


def read(text: str) -> Fixed:
    """What a parameter holds; raises ValueError where it is something else."""
    fixed = json.loads(text)
    if not isinstance(fixed, dict):
        raise ValueError(f"{text!r} is no object: deploy the stage again")  # noqa: TRY004 - what callers catch
    return {str(key): str(value) for key, value in fixed.items()}


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = values.get(name)
    return table if isinstance(table, dict) else {}


def _text(value: object) -> str:
    return "" if value is None else str(value)
