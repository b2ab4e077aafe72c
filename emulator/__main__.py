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

from emulator.program.arguments import parse
from emulator.program.processes import end_with_this, kill_children
from emulator.program.state_folder import RefusedError, StateFolder

if TYPE_CHECKING:
    from emulator.program.configuration import Configuration


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
        AWS_ACCESS_KEY_ID="000000000000",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - of the root user: `emulator.iam.authorization`
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="localhost,127.0.0.1,::1",  # its parts call each other on loopback, never through a proxy
        no_proxy="localhost,127.0.0.1,::1",
    )
    node_modules = Path(__file__).resolve().parents[1] / "node_modules"
    os.environ.setdefault("NODE_PATH", str(node_modules))
    tempfile.tempdir = None


class Services:
    """What is started before anything is served, and stopped at the end."""

    def __init__(self, configuration: Configuration) -> None:
        from ministack import app as ministack  # noqa: PLC0415 - it reads the environment when imported
        from ministack.core import lambda_runtime  # noqa: PLC0415 - the same

        from emulator import backup_settings, schedules  # noqa: PLC0415 - the same
        from emulator.alarms import Alarms  # noqa: PLC0415 - the same
        from emulator.api_gateway import requests as api_requests  # noqa: PLC0415 - the same
        from emulator.aurora.databases import Databases  # noqa: PLC0415 - the same
        from emulator.cloudformation import calls, conditions, global_resources, resource_types, settled_stacks  # noqa: PLC0415 - the same
        from emulator.cloudformation.coverage import Coverage  # noqa: PLC0415 - the same
        from emulator.dynamodb import strong_tables, table_settings  # noqa: PLC0415 - the same
        from emulator.faults.outage import Outages  # noqa: PLC0415 - the same
        from emulator.faults.replication import Replication  # noqa: PLC0415 - the same
        from emulator.functions import streams  # noqa: PLC0415 - the same
        from emulator.functions.environments import Environments  # noqa: PLC0415 - the same
        from emulator.gates.installed import Gates  # noqa: PLC0415 - the same
        from emulator.iam import authorization  # noqa: PLC0415 - the same
        from emulator.program.server import Server  # noqa: PLC0415 - the same
        from emulator.region_switch.plans import RegionSwitch  # noqa: PLC0415 - the same
        from emulator.route53 import data_plane  # noqa: PLC0415 - the same

        calls.configure(configuration.endpoint)
        self._databases = Databases(configuration)
        os.environ["SSL_CERT_FILE"] = self._databases.authority
        self._databases.install()
        self._environments = Environments(configuration)
        self._environments.install()
        replication = Replication(configuration.lag_milliseconds / 1000)
        replication.install()
        strong_tables.install(replication)
        outages = Outages(self._databases, replication, configuration)
        switch = RegionSwitch(outages.is_lost)
        aws = api_requests.in_front_of(ministack.app)
        gates = Gates(configuration.gate, outages.pages)
        self.server = Server(configuration, outages.in_front_of(gates.in_front_of(switch.in_front_of(aws))))
        outages.server = self.server
        data_plane.install()
        authorization.install()
        api_requests.install()
        self.data_plane = data_plane.DataPlane(configuration)
        outages.reports.append(self.data_plane.report)
        streams.install(outages.is_lost)
        schedules.install(outages.is_lost)
        Alarms(configuration.alarm_period_scale, outages.is_lost).install()
        resource_types.install()
        global_resources.guard_cloudformation(outages.is_lost, outages.calls)
        coverage = Coverage()
        coverage.install()
        outages.pages["coverage"] = coverage.report
        for each in (conditions, settled_stacks, backup_settings, table_settings):
            each.install()
        # a warm call waits 50 ms for log output that may never come
        lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.003, 0.001, 0.05)

    def stop(self) -> None:
        """Kill what was started."""
        self.data_plane.stop()
        self._environments.stop()
        self._databases.stop()


async def serve(configuration: Configuration, services: Services) -> None:
    """Serve until told to stop; raises `RefusedError` when the port is taken."""
    loop = asyncio.get_running_loop()
    server = services.server
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, server.stop)
    try:
        await server.open()
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


def main() -> None:
    """Run the embedded AWS."""
    configuration = parse(sys.argv[1:])
    status, folder, watching = 0, None, 0
    try:
        folder = StateFolder(configuration.state_dir)
        set_environment(configuration)
        import uvloop  # noqa: PLC0415 - after the environment is set

        from emulator.aurora.postgres import PROGRAM  # noqa: PLC0415 - the same

        folder.check_reachable(PROGRAM)
        watching = end_with_this()
        uvloop.run(serve(configuration, Services(configuration)))
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
