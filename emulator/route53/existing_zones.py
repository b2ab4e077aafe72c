"""Hosted zones that stand before a stage does: those whose ids its settings name.

On AWS whoever imports a zone has made it before. Here `POST /_emulator/zones/ID/NAME` makes it, with the id that it is
given, because CreateHostedZone chooses one.
"""

from __future__ import annotations

import re

from contract.patterns import EMBEDDED_ACCOUNT
from emulator import ministack
from emulator.ministack import request_scope

_ID = re.compile(r"Z[A-Z0-9]{3,31}")
_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}")


def make(zone_id: str, name: str, *, region: str) -> bool:
    """Make a zone of this id and name unless there is one of this id; return whether they can be a zone's."""
    if not (_ID.fullmatch(zone_id) and _NAME.fullmatch(name)):
        return False
    with request_scope(EMBEDDED_ACCOUNT, region):
        zones, whole = ministack.ROUTE53_ZONES.value, f"{name}."
        if zone_id not in zones:
            ministack.ROUTE53_RECORDS.value[zone_id] = ministack.ROUTE53_FIRST_RECORDS.value(whole)
            told = {"caller_reference": zone_id, "comment": "", "private": False, "vpcs": []}
            zones[zone_id] = {"id": zone_id, "name": whole, **told}
    return True
