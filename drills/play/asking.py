"""Ask a stage that is played with in another terminal to do something."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

from drills.play.server import ADDRESS
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, BAD_REQUEST = 200, 400
PATIENCE_SECONDS = 11 * 60


def ask_to(port: int, asked: Mapping[str, Any]) -> list[str]:
    """Return what was said of it; raises WrongInputError when it is no action or nobody plays, else OperationError."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", "/do", body=json.dumps(asked), headers={"content-type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except ConnectionRefusedError as error:
        raise WrongInputError(
            f"nothing is played on port {port}: run `tandem play` in another terminal first, or give its --port"
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OperationError(f"port {port} did not answer as a played stage does ({error})") from error
    finally:
        connection.close()
    if response.status == OK:
        return [str(line) for line in answer["told"]]
    message = str(answer.get("message", f"status {response.status}"))
    raise WrongInputError(message) if response.status == BAD_REQUEST else OperationError(message)
