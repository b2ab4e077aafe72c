"""`python -m emulator`: start the embedded AWS; one line on standard output says when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.configuration import Configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PORT = 4566
_MARK = "embedded-aws"


def parse(arguments: Sequence[str]) -> Configuration:
    """Read the command line; exits with status 2 and one line when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="a folder that this program may empty")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--regions", default="us-east-1,us-west-2", help="comma-separated, the primary first")
    parser.add_argument("--lag-milliseconds", type=int, default=0, help="delay of everything between Regions")
    parser.add_argument("--alarm-period-scale", type=float, default=1.0, help="of alarms' periods, from 0.001 to 1")
    parser.add_argument(
        "--routing-time-scale",
        type=float,
        default=1.0,
        help="multiplies health checks' intervals, for clients that scale TTLs alike",
    )
    given = parser.parse_args(arguments)
    if not 0.001 <= given.alarm_period_scale <= 1:  # noqa: PLR2004 - as the help says
        parser.error(f"--alarm-period-scale {given.alarm_period_scale}: use 0.001 to 1")
    if not 0 < given.routing_time_scale <= 1:
        parser.error(f"--routing-time-scale {given.routing_time_scale}: use more than 0, at most 1")
    if not 1024 <= given.port <= 65535:  # noqa: PLR2004 - the unprivileged ports
        parser.error(f"--port {given.port}: use 1024 to 65535")
    return Configuration(
        state_dir=given.state_dir.resolve(),
        port=given.port,
        regions=tuple(given.regions.split(",")),
        lag_milliseconds=given.lag_milliseconds,
        alarm_period_scale=given.alarm_period_scale,
        routing_time_scale=given.routing_time_scale,
    )


def prepare(state: Path) -> None:
    """Empty the state folder, if it is one of ours or new."""
    if state.exists() and any(state.iterdir()) and not (state / _MARK).exists():
        sys.stderr.write(f"--state-dir {state} holds files of somebody else: name a new or empty folder\n")
        sys.exit(2)
    shutil.rmtree(state, ignore_errors=True)
    (state / "tmp").mkdir(parents=True)
    (state / _MARK).touch()


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
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - of the root user: `emulator.authorization`
        AWS_EC2_METADATA_DISABLED="true",
    )
    node_modules = Path(__file__).resolve().parents[1] / "node_modules"
    os.environ.setdefault("NODE_PATH", str(node_modules))
    tempfile.tempdir = None


class Services:
    """What is started before anything is served, and stopped at the end."""

    def __init__(self, configuration: Configuration) -> None:
        from ministack import app as ministack  # noqa: PLC0415 - it reads the environment when imported
        from ministack.core import lambda_runtime  # noqa: PLC0415 - the same

        from emulator import (  # noqa: PLC0415 - the same
            authorization,
            backup_settings,
            calls,
            data_plane,
            global_resources,
            resource_types,
            streams,
            strong_tables,
            table_settings,
        )
        from emulator.alarms import Alarms  # noqa: PLC0415 - the same
        from emulator.aurora import Databases  # noqa: PLC0415 - the same
        from emulator.environments import Environments  # noqa: PLC0415 - the same
        from emulator.outage import Outages  # noqa: PLC0415 - the same
        from emulator.region_switch import RegionSwitch  # noqa: PLC0415 - the same
        from emulator.replication import Replication  # noqa: PLC0415 - the same
        from emulator.server import Server  # noqa: PLC0415 - the same

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
        self.server = Server(configuration, outages.in_front_of(switch.in_front_of(ministack.app)))
        outages.server = self.server
        data_plane.install()
        authorization.install()
        self.data_plane = data_plane.DataPlane(configuration)
        outages.reports.append(self.data_plane.report)
        streams.install(outages.is_lost)
        Alarms(configuration.alarm_period_scale, outages.is_lost).install()
        resource_types.install()
        global_resources.guard_cloudformation(outages.is_lost, outages.calls)
        backup_settings.install()
        table_settings.install()
        # a warm call waits 50 ms for log output that may never come
        lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.003, 0.001, 0.05)

    def stop(self) -> None:
        """Kill what was started."""
        self.data_plane.stop()
        self._environments.stop()
        self._databases.stop()


async def serve(configuration: Configuration, services: Services) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    server = services.server
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, server.stop)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        if not serving.done():
            await server.listen()
            await services.data_plane.start()
            sys.stdout.write(f"ready {configuration.endpoint}\n")
            sys.stdout.flush()
        await serving
    except (OSError, SystemExit) as error:
        reason = error.strerror if isinstance(error, OSError) else "cannot be listened on"
        sys.stderr.write(f"--port {configuration.port}: {reason}: choose another\n")
        os._exit(2)


def main() -> None:
    """Run the embedded AWS."""
    configuration = parse(sys.argv[1:])
    prepare(configuration.state_dir)
    set_environment(configuration)
    import uvloop  # noqa: PLC0415 - after the environment is set

    services = Services(configuration)
    watchdog_children()
    try:
        uvloop.run(serve(configuration, services))
    finally:
        services.stop()
        shutil.rmtree(configuration.state_dir, ignore_errors=True)
        # custom resources may still wait on threads that nobody will answer
        os._exit(0)


def watchdog_children() -> None:
    """Become the leader of a group, so that whoever started this can end everything at once."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()


if __name__ == "__main__":
    main()
