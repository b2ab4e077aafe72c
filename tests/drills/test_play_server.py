"""The page's server answers this machine alone, and its own page alone may have something done."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.play.actions import action_of
from drills.play.asking import ask_to
from drills.play.run import BeingDeployed
from drills.play.seen import state_of
from drills.play.server import MOST_BYTES, PlayServer, content_security_policy, served
from operations.errors import OperationError, WrongInputError
from tests.drills.played import REGIONS, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = {"Content-Type": "application/json"}


class Stage:
    """A stage that is well, and notes what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def state(self) -> dict[str, Any]:
        return state_of(seen())

    def act(self, asked: Mapping[str, Any]) -> list[str]:
        action = action_of(asked, REGIONS)
        if action.name == "failback":
            raise OperationError("not failing back:\n  nobody\n  answers")
        self.asked.append(asked)
        return [action.line]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def server(stage: Stage) -> Iterator[PlayServer]:
    with served(0, stage) as server:
        yield server


def ask(
    server: PlayServer, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_the_page_and_the_state_are_served_and_kept_by_nobody(server: PlayServer) -> None:
    status, headers, page = ask(server, "GET", "/")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "text/html; charset=utf-8", "no-store")
    assert b"<script>" in page
    status, _, state = ask(server, "GET", "/state")
    assert (status, json.loads(state)) == (200, json.loads(json.dumps(state_of(seen()))))
    assert ask(server, "GET", "/../pyproject.toml")[0] == 404


def test_the_page_asks_nobody_but_its_server(server: PlayServer) -> None:
    _, headers, page = ask(server, "GET", "/")
    text = page.decode()
    assert text.replace("http://www.w3.org/2000/svg", "").count("://") == 0
    policy = headers["Content-Security-Policy"]
    assert policy == content_security_policy(text)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("host", ["tandem.example.com", "127.0.0.1", "127.0.0.1:1", "localhost.example.com:80", ""])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/state"), ("POST", "/do")])
def test_a_name_that_was_rebound_to_this_machine_is_answered_nothing(
    server: PlayServer, stage: Stage, host: str, method: str, path: str
) -> None:
    status, _, body = ask(server, method, path, json.dumps({"do": "mend"}), Host=host, Content_Type="application/json")
    assert (status, stage.asked) == (421, [])
    assert b"staging" not in body


def test_the_page_may_have_something_done_by_either_name(server: PlayServer, stage: Stage) -> None:
    for host in ("127.0.0.1", "localhost"):
        own = f"{host}:{server.server_port}"
        headers = {"Host": own, "Origin": f"http://{own}", "Content_Type": "application/json; charset=utf-8"}
        status, _, body = ask(server, "POST", "/do", '{"do": "lose", "with": "us-east-1"}', **headers)
        assert (status, json.loads(body)) == (200, {"told": ["lose us-east-1"]})
    assert len(stage.asked) == 2


@pytest.mark.parametrize("origin", ["http://tandem.example.com", "null", "https://127.0.0.1", ""])
def test_another_origin_may_have_nothing_done(server: PlayServer, stage: Stage, origin: str) -> None:
    status, _, _ = ask(server, "POST", "/do", '{"do": "mend"}', Origin=origin, Content_Type="application/json")
    assert (status, stage.asked) == (403, [])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ('{"do": "mend"}', {"Content_Type": "text/plain"}, 415),
        ("[]", {"Content_Type": "application/json"}, 400),
        ("{", {"Content_Type": "application/json"}, 400),
        ('{"do": "explode"}', {"Content_Type": "application/json"}, 400),
        ('{"do": "failback"}', {"Content_Type": "application/json"}, 409),
        (" " * (MOST_BYTES + 1), {"Content_Type": "application/json"}, 413),
    ],
)
def test_what_cannot_be_done_is_answered_with_its_reason(
    server: PlayServer, stage: Stage, body: str, headers: dict[str, str], status: int
) -> None:
    answered, _, said = ask(server, "POST", "/do", body, **headers)
    assert (answered, stage.asked) == (status, [])
    assert json.loads(said)["message"]


def test_something_is_done_at_one_path_and_by_post_only(server: PlayServer, stage: Stage) -> None:
    assert ask(server, "POST", "/", '{"do": "mend"}', Content_Type="application/json")[0] == 404
    assert ask(server, "GET", "/do")[0] == 404
    assert ask(server, "PUT", "/do", '{"do": "mend"}', Content_Type="application/json")[0] == 501
    assert stage.asked == []


def test_the_command_asks_the_same_server(server: PlayServer, stage: Stage) -> None:
    assert ask_to(server.server_port, {"do": "partition", "with": None}) == ["cut us-west-2 off"]
    assert stage.asked == [{"do": "partition", "with": None}]
    with pytest.raises(WrongInputError, match="'explode' is nothing to do"):
        ask_to(server.server_port, {"do": "explode"})
    with pytest.raises(OperationError, match="not failing back: nobody answers"):
        ask_to(server.server_port, {"do": "failback"})


def test_a_taken_port_is_one_line_that_says_what_to_give(server: PlayServer, stage: Stage) -> None:
    with pytest.raises(WrongInputError, match=f"port {server.server_port} cannot be had .*give another --port"):
        PlayServer(server.server_port, stage)


def test_who_opens_the_page_before_the_stage_is_deployed_is_told_so(server: PlayServer) -> None:
    server.played = BeingDeployed()
    status, _, body = ask(server, "GET", "/state")
    assert (status, "is being deployed" in json.loads(body)["message"]) == (503, True)
    with pytest.raises(OperationError, match="is being deployed: ask for mend again"):
        ask_to(server.server_port, {"do": "mend"})


def test_the_command_says_what_to_run_where_nobody_plays(stage: Stage) -> None:
    with served(0, stage) as ended:
        port = ended.server_port
    with pytest.raises(WrongInputError, match=f"nothing is played on port {port}: run `tandem play`"):
        ask_to(port, {"do": "mend"})
