from __future__ import annotations

import base64
import json

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.functions.environment_template import END_OF_LOG
from emulator.functions.logs import all_of, until_end
from tests.emulator.running import EAST, embedded_aws


def log(*lines: str) -> bytearray:
    return bytearray("".join(f"{line}\n" for line in lines).encode())


def test_a_log_ends_where_the_environment_says_so_and_the_rest_is_the_next_invocation_s() -> None:
    lines = log("first", "", "second", END_OF_LOG, "of a thread that went on", END_OF_LOG)
    assert until_end(lines) == "first\n\nsecond"
    assert until_end(lines) == "of a thread that went on"
    assert not lines


def test_an_invocation_that_logged_nothing_has_an_empty_log() -> None:
    assert until_end(log(END_OF_LOG)) == ""


def test_a_last_line_without_an_end_is_part_of_the_log() -> None:
    assert until_end(log("first", f"no line end{END_OF_LOG}")) == "first\nno line end"


def test_a_log_whose_end_is_missing_is_left_for_later_and_is_what_a_dead_environment_wrote() -> None:
    lines = log("first")
    assert until_end(lines) is None
    assert all_of(lines) == "first"
    assert not lines


def test_each_invocation_of_a_running_function_has_its_own_log() -> None:
    code = """
    import logging

    def handler(event, context):
        for number in range(event["lines"]):
            print(event["name"], number)
        logging.getLogger().warning(event["name"])
    """
    with embedded_aws("logs") as aws:
        aws.function(EAST, "talks", code)
        client = aws.client("lambda", EAST)
        for number in range(20):
            event = {"name": f"call-{number}", "lines": number % 3}
            answer = client.invoke(FunctionName="talks", Payload=json.dumps(event).encode(), LogType="Tail")
            said = base64.b64decode(answer["LogResult"]).decode()
            expected = [*(f"call-{number} {line}" for line in range(number % 3)), f"call-{number}"]
            assert [line for line in said.splitlines() if "call-" in line] == expected
            assert "\x1e" not in said
