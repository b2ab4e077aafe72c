"""What is kept between requests depends on what was asked alone: another text is another answer, shared with nobody."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator import ministack
from emulator.api_gateway.paths import remembering
from emulator.functions.threads import completed
from emulator.iam import parsed_policies


def policy(action: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def test_a_policy_that_is_changed_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    name = ministack.IAM_PARSE_POLICY
    monkeypatch.setattr(name.owner, "parse_policy_document", name.value)  # put back afterwards
    stock = name.value
    parsed_policies.install()
    for _ in range(2):
        for action in ("s3:GetObject", "s3:PutObject"):
            assert name.value(policy(action)) == stock(policy(action))
            assert name.value(json.loads(policy(action))) == stock(json.loads(policy(action)))
    assert name.value(policy("s3:GetObject")) is name.value(policy("s3:GetObject"))


def test_a_path_is_compared_once_and_each_caller_gets_parameters_of_its_own() -> None:
    stock, asked = ministack.APIGATEWAY_PATH_PARAMETERS.value, []

    def compare(route: str, path: str) -> dict[str, str] | None:
        asked.append((route, path))
        answer: dict[str, str] | None = stock(route, path)
        return answer

    parameters = remembering(compare)
    for route, path in [("/a/{id}", "/a/1"), ("/a/{id}", "/a/2"), ("/a", "/a"), ("/a/{rest+}", "/a/1/2"), ("/b", "/a")]:
        first = parameters(route, path)
        assert first == stock(route, path)
        if first:
            first["id"] = "changed"
        assert parameters(route, path) == stock(route, path)
        assert asked.count((route, path)) == 1


def test_who_is_cancelled_while_a_call_runs_waits_for_its_end() -> None:
    ended = threading.Event()

    def work() -> None:
        time.sleep(0.2)
        ended.set()

    async def cancelled_twice() -> None:
        call = asyncio.ensure_future(completed(asyncio.get_running_loop().run_in_executor(None, work)))
        for _ in range(2):
            await asyncio.sleep(0.05)
            call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert ended.is_set()

    asyncio.run(cancelled_twice())


def test_a_call_that_fails_says_why() -> None:
    async def failing() -> None:
        with pytest.raises(ZeroDivisionError):
            await completed(asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0))

    asyncio.run(failing())
