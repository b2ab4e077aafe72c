"""Partial faults in front of AWS, and the control that adds and removes them."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from emulator.faults.partial import Faults, UnknownFaultError, answer_of
from emulator.faults.requests import answer, asked, headers_of, read, region_of

_CONTROL = ["_emulator", "faults"]


class PartialFaults(Faults):
    """The faults that are injected now, in front of what answers."""

    async def control(self, scope: Any, send: Any) -> bool:
        """Add or remove a fault where the request asks for that; return whether it was answered."""
        path = scope["path"].strip("/").split("/")
        if path[:2] != _CONTROL:
            return False
        match scope["method"], path[2:]:
            case "POST", []:
                try:
                    fault = self.add(dict(parse_qsl(scope.get("query_string", b"").decode())))
                except UnknownFaultError as error:
                    await answer(send, 400, {"message": str(error)})
                else:
                    await answer(send, 200, vars(fault))
            case "DELETE", numbers if self._taken_back(numbers):
                await answer(send, 200, self.report())
            case _:
                return False
        return True

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app that answers for AWS."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not self.active:
                await inner(scope, receive, send)
                return
            body, receive = await read(receive)
            service, operation = asked(scope, body)
            blow = self.blow(region_of(scope), service, operation)
            if blow is not None:
                await asyncio.sleep(blow.delay_seconds)
            if blow is None or not blow.error:
                await inner(scope, receive, send)
                return
            fields, content = answer_of(blow, service, headers_of(scope))
            await send({"type": "http.response.start", "status": blow.status, "headers": fields})
            await send({"type": "http.response.body", "body": content})

        return app

    def _taken_back(self, numbers: list[str]) -> bool:
        """Take one fault back by its number, or all where none is given; whether that could be done."""
        if not numbers:
            return self.remove(None)
        return len(numbers) == 1 and numbers[0].isdigit() and self.remove(int(numbers[0]))
