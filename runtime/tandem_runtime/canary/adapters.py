"""Signed requests to the Regions' APIs, and the item that remembers what the canary saw."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract.canary import LOOK_ROUTE, POST_ROUTE
from contract.recovery import REACHED_AT, canary_key
from tandem_runtime.canary.logic import Answer
from tandem_runtime.shared.signs import ALIVE, LOST, LOST_SINCE, SEEN_AT, STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REQUEST_SECONDS = 5.0
"""When a request gives up."""

_POST_METHOD, _POST_PATH = POST_ROUTE.split(" ")
_LOOK_METHOD, _LOOK_PATH = LOOK_ROUTE.split(" ")


class NamedConnection(http.client.HTTPSConnection):
    """A connection to `target` that asks for, and checks, the certificate of another name: as after a change of DNS."""

    def __init__(self, name: str, *, target: str, timeout: float) -> None:
        super().__init__(name, timeout=timeout)
        self._target, self._tls = target, ssl.create_default_context()

    def connect(self) -> None:
        """Connect to the target, and shake hands as if it were the name."""
        plain = socket.create_connection((self._target, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


@dataclass(frozen=True, kw_only=True)
class RegionApis:
    """Each Region's API, at the URL that the Region's heartbeat names. `sign` returns a request's signed headers."""

    urls: Callable[[str], str]
    sign: Callable[[str, str, str, Mapping[str, str], bytes], Mapping[str, str]]

    def post(self, region: str, key: str) -> Answer:
        """Post the canary's transaction to a Region."""
        return self._request(region, _POST_METHOD, self.urls(region) + _POST_PATH, key=key)

    def look(self, region: str, transaction_id: str) -> Answer:
        """Ask a Region whether its journal and its ledger hold a transaction."""
        return self._request(region, _LOOK_METHOD, self.urls(region) + _LOOK_PATH.replace("{id}", transaction_id))

    def post_by_name(self, region: str, key: str, *, name: str, target: str) -> Answer:
        """Post to the Region by the API's own name, whatever DNS says of it now."""
        connection = NamedConnection(name, target=target, timeout=REQUEST_SECONDS)
        return self._request(region, _POST_METHOD, f"https://{name}{_POST_PATH}", key=key, connection=connection)

    def _request(
        self,
        region: str,
        method: str,
        url: str,
        *,
        key: str = "",
        connection: http.client.HTTPConnection | None = None,
    ) -> Answer:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            return Answer(status=None, error=ValueError(f"{region} has no URL: its heartbeat names none"))
        body = b"{}" if key else b""
        headers = {"content-type": "application/json", "idempotency-key": key} if key else {}
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connection or kind(parts.netloc, timeout=REQUEST_SECONDS)
        began = time.monotonic()
        try:
            signed = self.sign(region, method, url, headers, body)
            connection.request(method, parts.path, body=body or None, headers=dict(signed))
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            return Answer(status=None, error=error, seconds=time.monotonic() - began)
        finally:
            connection.close()
        return Answer(status=response.status, body=_json(text), seconds=time.monotonic() - began)


def signer() -> Callable[[str, str, str, Mapping[str, str], bytes], Mapping[str, str]]:
    """What signs requests to an API with the function's own credentials (Signature Version 4, `execute-api`)."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - loading the SDK takes longer than all else
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - see above
    from botocore.session import Session  # noqa: PLC0415 - see above

    credentials: Any = Session().get_credentials()

    def sign(region: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        request = AWSRequest(method=method, url=url, data=body or None, headers=dict(headers))
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
        return dict(request.headers.items())

    return sign


@dataclass(frozen=True)
class Observations:
    """What the canary saw of each Region, in the table that `recover` reads."""

    dynamodb: Any
    table: str

    def note(self, region: str, state: str, now: float) -> None:
        """Note what was seen of a Region at `now`; an older look than the one that is noted changes nothing."""
        update = f"SET {STATE} = :state, {SEEN_AT} = :now"
        if state == ALIVE:
            update += f", {REACHED_AT} = :now REMOVE {LOST_SINCE}"
        elif state == LOST:
            update += f", {LOST_SINCE} = if_not_exists({LOST_SINCE}, :now)"
        else:
            update += f" REMOVE {LOST_SINCE}"
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=canary_key(region),
                UpdateExpression=update,
                ConditionExpression=f"attribute_not_exists({SEEN_AT}) OR {SEEN_AT} < :now",
                ExpressionAttributeValues={":state": {"S": state}, ":now": {"N": repr(now)}},
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
