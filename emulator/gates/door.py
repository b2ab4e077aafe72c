"""The gate at the door: a signed request that AWS's models refuse is refused before MiniStack reads it.

In mode `log` nothing is refused: each such request is a line of JSON in the server's log, and in what
`GET /_emulator/gate` returns. What MiniStack asks of itself is called within its process and never comes here; the
calls of `emulator.cloudformation.calls`, which are those of CloudFormation's resource providers, are checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from emulator.gates import by_hand, unreadable
from emulator.gates.answers import missing, refusal
from emulator.gates.models import UnknownOperationError
from emulator.gates.requests import HttpRequest, Request, parse, spoken
from emulator.gates.shapes import Checker, described

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.gates.answers import Answer
    from emulator.gates.gate import Gate


class Door:
    """Checks requests; `bucket_of_host` returns the bucket that a host name is for, if any."""

    def __init__(self, gate: Gate, bucket_of_host: Callable[[str], str | None]) -> None:
        self._gate, self._bucket_of_host = gate, bucket_of_host
        self._checkers: dict[tuple[str, bool], Checker] = {}

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app."""
        if self._gate.mode == "off":
            return inner

        async def app(scope: Any, receive: Any, send: Any) -> None:
            service = _signed_for(scope) if scope["type"] == "http" else ""
            if not service:
                await inner(scope, receive, send)
                return
            body, receive = await _read(receive)
            answer = self.answer(self._request(scope, body, service))
            if answer is None or not self._gate.refuses:
                await inner(scope, receive, send)
                return
            headers = [("content-type", answer.content_type), *answer.headers]
            raw = [(name.encode(), value.encode()) for name, value in headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": raw})
            await send({"type": "http.response.body", "body": answer.body})

        return app

    def answer(self, request: HttpRequest) -> Answer | None:
        """What AWS answers a request that it refuses, None for one that passes."""
        with self._gate.counting("requests"):
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> Answer | None:
        if by_hand.is_signed_with_version_2(request):
            self._gate.note("s3", by_hand.VERSION_2)
            return refusal("s3", "rest-xml", by_hand.VERSION_2, code="InvalidRequest")
        try:
            asked = parse(request)
        except UnknownOperationError as error:
            return self._unread(request, unreadable.operation(*spoken(request), str(error)), str(error))
        except Exception as error:  # noqa: BLE001 - whatever a parser makes of a body that it cannot read
            return self._unread(request, unreadable.body(*spoken(request)), repr(error))
        if asked is None:
            return None
        subject = f"{asked.service} {asked.operation.name}"
        violations = [each for each in self._check(asked) if not self._gate.is_exempt(subject, each.path, str(each))]
        complaint = None if violations else by_hand.of_request(asked)
        if not violations and complaint is None:
            return None
        absent = [f"{each.path[:1].upper()}{each.path[1:]}" for each in violations if each.value is None]
        code, message = complaint or missing(asked.service, absent) or ("", described(violations))
        self._gate.note(subject, message, caller=request.headers.get("user-agent", ""))
        return refusal(asked.service, asked.protocol, message, code=code)

    def _unread(self, request: HttpRequest, refused: unreadable.Refusal, why: str) -> Answer:
        service, protocol = spoken(request)
        code, message, status = refused
        subject = f"{service} {request.method} {request.path}"
        self._gate.note(subject, f"{code}: {why}", caller=request.headers.get("user-agent", ""))
        return refusal(service, protocol, message, code=code, status=status)

    def _check(self, asked: Request) -> Any:
        key = (asked.service, asked.protocol == "json")
        if key not in self._checkers:
            self._checkers[key] = Checker(self._gate.unread_patterns, wire_names=asked.protocol == "json")
        return self._checkers[key].check(asked.operation, asked.parameters)

    def _request(self, scope: Any, body: bytes, service: str) -> HttpRequest:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        if service == "s3" and (bucket := self._bucket_of_host(headers.get("host", ""))):
            path = f"/{bucket}{path}"
        return HttpRequest(
            method=scope["method"],
            path=path,
            query=scope.get("query_string", b"").decode("latin-1"),
            headers=headers,
            body=body,
            service=service,
        )


def _signed_for(scope: Any) -> str:
    """The service that a request is signed for, empty for one that is not signed."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return "s3" if value.startswith(b"AWS ") else _service(value.decode("latin-1"))
    query = scope.get("query_string", b"").decode("latin-1")
    if "X-Amz-Credential" in query:
        return _service(parse_qs(query).get("X-Amz-Credential", [""])[0])
    return "s3" if "AWSAccessKeyId=" in query and "Signature=" in query else ""


def _service(credential: str) -> str:
    return credential.partition("/aws4_request")[0].rpartition("/")[2]


async def _read(receive: Any) -> tuple[bytes, Any]:
    """Read a request's body; return it, and what receives it again."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    again = iter(messages)

    async def replay() -> Any:
        return next(again, None) or await receive()

    return b"".join(each.get("body", b"") for each in messages), replay
