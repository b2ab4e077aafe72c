"""`python -m emulator`: start the embedded AWS; one line on standard output says when it is ready."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from contract.patterns import EMBEDDED_ACCOUNT
from emulator import ministack
from emulator.program.arguments import parse
from emulator.program.processes import end_with_this, kill_children
from emulator.program.state_folder import RefusedError, StateFolder

if TYPE_CHECKING:
    from emulator.program.configuration import Configuration
    from emulator.program.services import Services


ROOT = Path(__file__).resolve().parents[1]


def set_environment(configuration: Configuration) -> None:
    """MiniStack reads its settings from the environment, when it is imported."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        os.environ.pop(name, None)
    os.environ.update(
        GATEWAY_PORT=str(configuration.port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="localhost",
        DOCKER_HOST="unix:///nonexistent.sock",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
        TMPDIR=str(configuration.state_dir / "tmp"),
        AUTH="true",
        AWS_ACCESS_KEY_ID=EMBEDDED_ACCOUNT,
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - of the root user: `emulator.iam.authorization`
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="localhost,127.0.0.1,::1",  # its parts call each other on loopback, never through a proxy
        no_proxy="localhost,127.0.0.1,::1",
    )
    node_modules = ROOT / "node_modules"
    os.environ.setdefault("NODE_PATH", str(node_modules))
    tempfile.tempdir = None


async def serve(configuration: Configuration, services: Services) -> None:
    """Serve until told to stop; raises `RefusedError` when the port is taken."""
    loop = asyncio.get_running_loop()
    server = services.server
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, server.stop)
    try:
        await server.open()
        services.opened()
        await services.data_plane.start()
    except OSError as error:
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise RefusedError(f"--port {configuration.port}: {reason}: choose another") from error
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        if not serving.done():
            sys.stdout.write(f"ready {configuration.endpoint}\n")
            sys.stdout.flush()
        await serving
    finally:
        services.stop()  # before the loop's threads end, and with them what they started


def enter_own_environment() -> None:
    """Go on in `.venv-emulator` when started from the environment that `make setup` has people activate.

    MiniStack wants other versions of libraries than the app: it is installed there alone. Exits with 2 and one line
    where it is not installed at all.
    """
    if ministack.is_installed():
        return
    own = ROOT / ".venv-emulator"
    python = own / "bin" / "python"
    if Path(sys.prefix) == own or not python.exists():
        sys.stderr.write(f"ministack is not installed in {own}: run make setup\n")
        sys.exit(2)
    os.execve(python, [str(python), "-m", "emulator", *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S606 - no shell is wanted


def main() -> None:
    """Run the embedded AWS."""
    configuration = parse(sys.argv[1:])
    enter_own_environment()
    status, folder, watching = 0, None, 0
    try:
        folder = StateFolder(configuration.state_dir)
        set_environment(configuration)
        import uvloop  # noqa: PLC0415 - after the environment is set

        from emulator.aurora.postgres import PROGRAM  # noqa: PLC0415 - the same
        from emulator.program.installation import install  # noqa: PLC0415 - the same

        folder.check_reachable(PROGRAM)
        watching = end_with_this()
        uvloop.run(serve(configuration, install(configuration)))
    except RefusedError as error:
        sys.stderr.write(f"{error}\n")
        status = 2
    except Exception:  # noqa: BLE001 - told in full; threads of MiniStack's would keep the interpreter from ending
        traceback.print_exc()
        status = 1
    finally:
        kill_children(but=watching)
        if folder is not None:
            folder.remove()
    sys.stderr.flush()
    # custom resources may still wait on threads that nobody will answer
    os._exit(status)


if __name__ == "__main__":
    main()
