"""The API's handlers behind what API Gateway does before and after them, with ports that keep everything in memory."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from contract.journal import key_of
from tandem.api import HEALTH_ROUTE, ROUTES
from tandem_runtime.shared.problems import Problem
from tandem_runtime.shared.transaction import Transaction
from tandem_runtime.transactions.api import Ports
from tandem_runtime.transactions.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tandem_runtime.transactions.outcome import State

Answer = tuple[int, dict[str, str], bytes]

_MAXIMUM_BYTES = 10 * 1024 * 1024
_TEXT = ("application/json", "application/xml", "application/javascript")
SIGNATURE = "AWS4-HMAC-SHA256 Credential=known"
"""It stands for a correct signature. Real ones are checked by API Gateway, and by the embedded AWS."""

IDENTITY = {
    "accessKey": "ASIAEXAMPLE",
    "accountId": "000000000000",
    "callerId": "AROAEXAMPLE:session",
    "cognitoIdentity": None,
    "principalOrgId": None,
    "userArn": "arn:aws:sts::000000000000:assumed-role/client/session",
    "userId": "AROAEXAMPLE:session",
}
"""The identity of the signature's caller, as API Gateway tells it."""

REPLICAS = ("us-east-1", "us-west-2")


@dataclass
class MemoryJournal:
    """Keeps items as DynamoDB would, so that what is read back went through an item's shape."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    puts: int = 0
    reads: int = 0

    def record(self, transaction: Transaction) -> Transaction:
        self.puts += 1
        item = transaction.to_item()
        held = self.items.setdefault(item["pk"]["S"], json.loads(json.dumps(item)))
        return (
            transaction
            if held["payload_hash"] == item["payload_hash"] and held == item
            else Transaction.from_item(held)
        )

    def find(self, transaction_id: str) -> Transaction | None:
        self.reads += 1
        held = self.items.get(key_of(transaction_id))
        return Transaction.from_item(held) if held else None


@dataclass
class MemoryAccounts:
    """Balances and entries of what the journal holds."""

    journal: MemoryJournal

    def balances(self, account: str) -> list[tuple[str, int]]:
        sums: dict[str, int] = {}
        for _, currency, amount, _ in self._all(account):
            sums[currency] = sums.get(currency, 0) + amount
        return sorted(sums.items())

    def entries(self, account: str, *, limit: int, before: str | None) -> list[tuple[str, str, int, str]]:
        newest = sorted(self._all(account), key=lambda entry: (entry[3], entry[0]), reverse=True)
        if before is None:
            return newest[:limit]
        held = self.journal.items.get(key_of(before))
        if held is None:
            raise Problem(404, f"before names {before}, which is not there")
        return [each for each in newest if (each[3], each[0]) < (held["recorded_at"]["S"], before)][:limit]

    def holds(self, transaction_id: str) -> bool:
        return key_of(transaction_id) in self.journal.items

    def state(self, transaction: Transaction) -> State:
        return "posted" if self.holds(transaction.transaction_id) else "accepted"

    def _all(self, account: str) -> Iterable[tuple[str, str, int, str]]:
        for item in self.journal.items.values():
            transaction = Transaction.from_item(item)
            for name, sign in ((transaction.debit_account, 1), (transaction.credit_account, -1)):
                if name == account:
                    yield (
                        transaction.transaction_id,
                        transaction.currency,
                        sign * transaction.amount,
                        transaction.recorded_at,
                    )


class MemoryBucket:
    """Signs links and lists what was asked for, as if each link had been used."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def generate_presigned_url(self, operation: str, *, Params: Mapping[str, str], ExpiresIn: int) -> str:  # noqa: N803 - S3's names
        if operation == "put_object":
            self.keys.append(Params["Key"])
        return f"https://bucket.s3.amazonaws.com/{Params['Key']}?X-Amz-Expires={ExpiresIn}"

    def list_objects_v2(  # S3's names
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        MaxKeys: int,  # noqa: N803
        StartAfter: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        assert Bucket == "bucket"
        keys = sorted(key for key in self.keys if key.startswith(Prefix) and key > StartAfter)
        return {"Contents": [{"Key": key, "Size": 1} for key in keys[:MaxKeys]], "IsTruncated": len(keys) > MaxKeys}


class MemoryTable:
    """The table that the health check writes and reads."""

    def put_item(self, **_: object) -> dict[str, Any]:
        return {}

    def update_item(self, **_: object) -> dict[str, Any]:
        return {}

    def get_item(self, **_: object) -> dict[str, Any]:
        return {}


def memory_ports(journal: MemoryJournal, region: str = REPLICAS[0]) -> Ports:
    accounts, documents = MemoryAccounts(journal), Documents(MemoryBucket(), "bucket")
    return Ports(
        region=region,
        journal=lambda: journal,
        accounts=lambda: accounts,
        posted=lambda: accounts,
        outcomes=lambda: accounts,
        documents=lambda: documents,
    )


@dataclass(frozen=True)
class Request:
    """One HTTP request as it leaves a client; its path is still encoded."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass
class Gateway:
    """Selects the route, demands a signature, makes the event (payload 2.0), and sends on what the function answers."""

    transactions: Callable[[Mapping[str, Any], object], dict[str, Any]]
    health: Callable[[Mapping[str, Any], object], dict[str, Any]]
    reached: str | None = None
    _routes: list[tuple[str, str, re.Pattern[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for route in (*ROUTES, HEALTH_ROUTE):
            method, path = route.split(" ")
            self._routes.append((route, method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))))

    def send(self, request: Request) -> Answer:
        """Answer one request; `reached` is then the route whose function answered, or None."""
        path, _, query = request.path.partition("?")
        self.reached = None
        for candidate, method, pattern in self._routes:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                route = candidate
                break
        else:
            return _message(404, "Not Found")
        headers: dict[str, str] = {}
        for name, value in request.headers:
            headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
        if len(request.body) > _MAXIMUM_BYTES:
            return _message(413, "Request Entity Too Large")
        if route != HEALTH_ROUTE and headers.get("authorization") != SIGNATURE:
            return _message(403, "Forbidden")
        self.reached = route
        event = _event(route, request, unquote(path), query, headers)
        event["pathParameters"] = {name: unquote(value) for name, value in match.groupdict().items()}
        function = self.health if route == HEALTH_ROUTE else self.transactions
        # both ways through JSON, as between Lambda and API Gateway
        answered = json.loads(json.dumps(function(json.loads(json.dumps(event)), None)))
        return answered["statusCode"], answered["headers"], answered["body"].encode("utf-8")

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        """Serve it as a WSGI application."""
        path = environ.get("REQUEST_URI") or environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if "?" not in path and environ.get("QUERY_STRING"):  # whether REQUEST_URI holds it, too, differs by client
            path = f"{path}?{environ['QUERY_STRING']}"
        headers = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
        if environ.get("CONTENT_TYPE"):
            headers.append(("content-type", environ["CONTENT_TYPE"]))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, answered, content = self.send(Request(environ["REQUEST_METHOD"], path, headers, body))
        start_response(f"{status} _", list(answered.items()))
        return [content]


def _event(route: str, request: Request, path: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    text = content_type.startswith("text/") or content_type in _TEXT
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    body = request.body.decode("utf-8", "replace") if text else base64.b64encode(request.body).decode()
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        **({"queryStringParameters": parameters} if parameters else {}),
        "headers": headers,
        "requestContext": {
            "requestId": str(uuid4()),
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "http": {"method": request.method, "path": path, "protocol": "HTTP/1.1"},
            "authorizer": {"iam": IDENTITY},
        },
        "isBase64Encoded": bool(request.body) and not text,
        **({"body": body} if request.body else {}),
    }


def _message(status: int, text: str) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps({"message": text}).encode()
