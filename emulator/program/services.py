"""What runs beside MiniStack: started before anything is served, and stopped at the end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from emulator import certificates, encryption, ministack
from emulator.api_gateway import arrivals
from emulator.api_gateway import requests as api_requests
from emulator.api_gateway.tls import Authority
from emulator.aurora.databases import Databases
from emulator.aurora.snapshots import Snapshots
from emulator.cloudformation.coverage import Coverage
from emulator.dynamodb.conflicts import Conflicts
from emulator.dynamodb.stale_reads import StaleReads
from emulator.faults.outage import Outages
from emulator.faults.replication import Replication
from emulator.fis.effects import Effects
from emulator.fis.service import FaultInjection
from emulator.fis.subnets import Subnets
from emulator.functions.environments import Environments
from emulator.gates.installed import Gates
from emulator.program.server import Server
from emulator.region_switch.plans import RegionSwitch
from emulator.restore_api import begin_tests
from emulator.route53 import data_plane

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from emulator.program.configuration import Configuration


class Services:
    """What is started before anything is served, and stopped at the end."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.databases = Databases(configuration)
        self.snapshots = Snapshots(self.databases, configuration.state_dir / "databases" / "snapshots")
        self.environments = Environments(configuration)
        self.replication = Replication(configuration.lag_milliseconds / 1000)
        self.replication.closed = encryption.closed_regions
        self.stale_reads = StaleReads(configuration.read_lag_milliseconds / 1000)
        self.conflicts = Conflicts(self.replication)
        self.outages = Outages(self.databases, self.replication, configuration)
        self.outages.begin_tests = begin_tests
        switch = RegionSwitch(self.outages.is_lost)
        aws = api_requests.in_front_of(ministack.APP.value)
        self.gates = Gates(configuration.gate, self.outages.pages)
        self.subnets = Subnets()
        injection = FaultInjection(Effects(self.replication, self.subnets), configuration.alarm_period_scale)
        aws = self.gates.in_front_of(injection.in_front_of(switch.in_front_of(aws)))
        aws = self.subnets.in_front_of(aws, self._reset)
        answering = self.outages.in_front_of(self.outages.partial.in_front_of(aws))
        addresses = {configuration.address(region): region for region in configuration.regions}
        self.authority = Authority(configuration.state_dir / "tls")
        # functions trust the certificates of databases and of APIs, and get the variable from this process
        os.environ["SSL_CERT_FILE"] = str(self.authority.trusted_beside(Path(self.databases.authority)))
        self.server = Server(configuration, arrivals.noting(answering, addresses), self._tls)
        self.outages.server = self.server
        self.data_plane = data_plane.DataPlane(configuration)
        self.outages.reports += [self.data_plane.report, self._tls_report]
        self.outages.reports += [self._strictness_report, injection.report]
        self.coverage = Coverage()
        self.outages.pages["coverage"] = self.coverage.report

    def _reset(self, client: Sequence[object] | None) -> None:
        self.server.cut(client)

    def _strictness_report(self) -> dict[str, int]:
        """What DynamoDB may withhold or refuse, and how often it did."""
        return {
            "read_lag_milliseconds": self.configuration.read_lag_milliseconds,
            "pending_reads": self.stale_reads.pending,
            "reads_answered_late": self.stale_reads.answered_late,
            "shards": self.configuration.shards,
            "conflicting_writes_refused": self.conflicts.refused,
        }

    def _tls(self, region: str) -> ssl.SSLContext:
        """How a Region's API Gateway serves TLS: by its own host names, and by its custom domains."""
        return self.authority.serving(
            f"*.execute-api.{region}.amazonaws.com",
            lambda name: name in arrivals.domains(region) and certificates.issued(region, name),
        )

    def _tls_report(self) -> dict[str, object]:
        return {"tls": {"ports": self.server.tls_ports, "authority": self.authority.path.read_text("ascii")}}

    def opened(self) -> None:
        """Tell functions, by a variable that they get from this process, where each Region's APIs speak TLS."""
        address = self.configuration.address
        places = {region: [address(region), port] for region, port in self.server.tls_ports.items()}
        os.environ["EMBEDDED_TLS"] = json.dumps(places)

    def stop(self) -> None:
        """Kill what was started, and end what waits."""
        certificates.stop()
        self.data_plane.stop()
        self.environments.stop()
        self.databases.stop()
