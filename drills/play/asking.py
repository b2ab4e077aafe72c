"""Ask a stage that is played with in another terminal to do something."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drills.play.server import ADDRESS
from operations.errors import OperationError, WrongInputError
from operations.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, BAD_REQUEST = 200, 400
PATIENCE_SECONDS = 11 * 60


def ask_to(port: int, asked: Mapping[str, Any]) -> list[str]:
    """Return what was said of it; raises WrongInputError when it is no action or nobody plays, else OperationError."""
    try:
        with HttpClient("http", ADDRESS, port, timeout_seconds=PATIENCE_SECONDS) as client:
            status, body = client.request(
                "POST", "/do", body=json.dumps(asked).encode(), headers={"content-type": "application/json"}
            )
        answer = json.loads(body)
    except ConnectionRefusedError as error:
        raise WrongInputError(
            f"nothing is played on port {port}: run `tandem play` in another terminal first, or give its --port"
        ) from error
    except (OSError, ValueError) as error:
        raise OperationError(f"port {port} did not answer as a played stage does ({error})") from error
    if status == OK:
        return [str(line) for line in answer["told"]]
    message = str(answer.get("message", f"status {status}"))
    raise WrongInputError(message) if status == BAD_REQUEST else OperationError(message)
