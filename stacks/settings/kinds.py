"""The kinds of text that settings hold, each of which says what it allows when it is given something else."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from contract.patterns import ACCOUNT_PATTERN, REGION_PATTERN, STAGE_PATTERN, STAGE_RULE, ZONE_PATTERN
from stacks.settings.regions import mistake_of

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"({_LABEL}\.)+[a-z]{{2,63}}"


def _text(pattern: str, requirement: str, *, longest: int = 256) -> Any:
    """A string that matches the whole of `pattern`; `requirement` completes "must be …"."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if len(value) > longest or not compiled.fullmatch(value):
            raise PydanticCustomError("text", "must be {requirement}", {"requirement": requirement})
        return value

    return AfterValidator(check)


def _exists(region: str) -> str:
    mistake = mistake_of(region)
    if mistake:
        raise PydanticCustomError("text", "{mistake}", {"mistake": mistake})
    return region


Account = Annotated[str, _text(ACCOUNT_PATTERN, "the 12 digits of an AWS account")]
Audience = Annotated[str, _text(r"[!-~]+", "the audience of the tokens, without spaces")]
Contact = Annotated[
    str,
    _text(
        rf"[A-Za-z0-9._%+'-]+@(?i:{_NAME})|https://(?i:{_NAME})(:[0-9]+)?(/[!-~]*)?",
        "an e-mail address such as ops@example.com, or an https:// address",
    ),
]
DomainName = Annotated[
    str, _text(_NAME, "a domain name in lower case such as tandem.example.com, in Punycode", longest=253)
]
EngineVersion = Annotated[
    str, _text(r"[0-9]{2}\.[0-9]{1,2}", "a version of Aurora PostgreSQL such as '16.8', in quotes")
]
Environment = Annotated[
    str, _text(r"[A-Za-z0-9 _.:/=+@-]{1,64}", "1 to 64 letters, digits, spaces or any of _.:/=+@-: it becomes a tag")
]
HostedZoneId = Annotated[str, _text(r"Z[A-Z0-9]{3,31}", "the id of a hosted zone such as Z0123456789ABC")]
Issuer = Annotated[str, _text(rf"https://(?i:{_NAME})(:[0-9]+)?(/[!-~]*)?", "the https:// address of the issuer")]
Region = Annotated[str, _text(REGION_PATTERN, "a region such as us-east-1"), AfterValidator(_exists)]
Scope = Annotated[str, _text(r"[!#-\[\]-~]{1,64}", "a scope of 1 to 64 characters such as tandem/read")]
Stage = Annotated[str, _text(STAGE_PATTERN, STAGE_RULE)]
Zone = Annotated[str, _text(ZONE_PATTERN, "an availability zone such as us-east-1a")]
