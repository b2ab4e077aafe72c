"""AWS clients, made once per execution environment at their first use, with time limits that fit a request.

Importing the SDK takes longer than all else that a function loads, so a function loads it when it first calls AWS.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_S3: Any = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
"""How a link names its bucket: by a host name of the Region's own endpoint, which the signature covers.

Without it and Signature Version 4, botocore signs links of some Regions with Version 2 for the global endpoint, which
S3 refuses for new buckets and for what a KMS key encrypts (S3 User Guide, Signature Version 2 for Amazon S3).
"""


@cache
def client(service: str, region: str, *, seconds: float = 3.0, attempts: int = 3) -> Any:
    """A client of `service` in `region` whose calls give up after `seconds` each and `attempts` tries."""
    from botocore.config import Config  # noqa: PLC0415 - see above
    from botocore.session import Session  # noqa: PLC0415 - see above

    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=seconds, read_timeout=seconds, retries=retries)
    if service == "s3":
        config = config.merge(Config(signature_version="s3v4", s3=_S3))
    return Session().create_client(service, region_name=region, config=config)


def database_token(region: str, host: str, port: int, user: str) -> str:
    """A token that connects `user` to a database for 15 minutes, signed here: no call leaves the function.

    It is what `generate_db_auth_token` of an RDS client returns (RDS User Guide, IAM authentication), without loading
    the service's whole model for it.
    """
    from botocore.model import ServiceId  # noqa: PLC0415 - see above
    from botocore.session import Session  # noqa: PLC0415 - see above
    from botocore.signers import RequestSigner  # noqa: PLC0415 - see above

    session: Any = Session()
    events = session.get_component("event_emitter")
    signer = RequestSigner(ServiceId("RDS"), region, "rds-db", "v4", session.get_credentials(), events)
    request: Any = {
        "method": "GET",
        "url": f"https://{host}:{port}/",
        "url_path": "/",
        "query_string": {},
        "headers": {},
        "body": {"Action": "connect", "DBUser": user},
        "context": {},
    }
    url: str = signer.generate_presigned_url(
        request, "connect", region_name=region, expires_in=900, signing_name="rds-db"
    )
    return url.removeprefix("https://")


def call_errors() -> tuple[type[Exception], ...]:
    """What a call raises that AWS refuses or does not answer, to stand in an `except`."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    return (ClientError, BotoCoreError)
