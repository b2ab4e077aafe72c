"""A call of a function in an execution environment that was forked: MiniStack's `Worker.invoke`, in one thread."""

from __future__ import annotations

import logging
import subprocess
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger("emulator.functions.environments")
_GOODBYE_SECONDS = 2.0


def install(forked: Callable[[Any], bool]) -> None:
    """Call the environments of `forked` workers here; those of other runtimes stay MiniStack's.

    What a function failed of is told in the server's own log, because API Gateway's answer says only that it did.
    """
    stock = ministack.WORKER_INVOKE.value

    def invoke(worker: Any, *arguments: Any, **named: Any) -> Any:
        result = (call if forked(worker) else stock)(worker, *arguments, **named)
        if isinstance(result, dict) and result.get("status") == "error":
            _logger.warning("function %s failed: %s", worker.func_name, str(result.get("error"))[:300])
        return result

    ministack.WORKER_INVOKE.replace(invoke)


def call(worker: Any, event: object, request_id: str, **of_this_call: Any) -> dict[str, Any]:
    """Run one invocation; an environment whose function failed, died or was late ends, as MiniStack has it."""
    with ministack.WORKER_CALL_LOCK.of(worker):
        process = ministack.WORKER_PROCESS.of(worker)
        cold = process is None or process.poll() is not None
        if cold:
            ministack.WORKER_SPAWN.value(worker)
            process = ministack.WORKER_PROCESS.of(worker)
        timeout = worker.config.get("Timeout", 30)
        message = {"event": event, "ctx": _context(worker, request_id, timeout, of_this_call)}
        answer = process.pipes.ask(message, statuses=("ok", "error"), seconds=float(timeout))
        response = answer.response or {"status": "error", "error": "Worker process died"}
        if answer.late:
            response = {"status": "error", "error": f"Task timed out after {timeout}.00 seconds"}
        if response["status"] == "error":
            ministack.WORKER_PROCESS.put(worker, None)
            _end(process)
        return {**response, "cold_start": cold, "log": answer.log}


def _context(worker: Any, request_id: str, timeout: float, of_this_call: dict[str, Any]) -> dict[str, Any]:
    arn = of_this_call.get("invoked_function_arn")
    return {
        "request_id": request_id,
        "invoked_function_arn": worker.config.get("FunctionArn", "") if arn is None else arn,
        "timeout_ms": int(float(timeout) * 1000),
        "trace_id": of_this_call.get("trace_id"),
        "depth": of_this_call.get("depth"),
        "durable": of_this_call.get("durable") or {},
    }


def _end(process: Any) -> None:
    process.terminate()
    try:
        process.wait(timeout=_GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.pipes.close()
