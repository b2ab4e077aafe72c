"""What the embedded AWS is made of, and the order in which it takes its places in MiniStack."""

from __future__ import annotations

from emulator import (
    backup_settings,
    certificates,
    encryption,
    recovery_points,
    restore_api,
    restore_tests,
    schedules,
)
from emulator.alarms import Alarms
from emulator.api_gateway import arrivals, domain_certificates, limits, paths
from emulator.api_gateway import requests as api_requests
from emulator.api_gateway.throttles import Throttles
from emulator.aurora import member_versions
from emulator.aurora.replication_lag import ReplicationLag
from emulator.cloudformation import (
    calls,
    cloud_control,
    conditions,
    generated_names,
    global_resources,
    resource_types,
    settled_stacks,
)
from emulator.dynamodb import strong_tables, table_settings, unsupported
from emulator.dynamodb.replica_sources import ReplicaSources
from emulator.functions import invocations, streams, threads
from emulator.functions.asynchronous import AsynchronousInvocations
from emulator.functions.concurrency import Concurrency
from emulator.iam import authorization, parsed_policies
from emulator.program.step import Step
from emulator.route53 import data_plane

STEPS = (
    Step(
        name="calls",
        why="handlers of resource types make their calls to this endpoint",
        run=lambda parts: calls.configure(parts.configuration.endpoint),
    ),
    Step(
        name="databases",
        why="nodes of PostgreSQL follow what RDS's actions do",
        run=lambda parts: parts.databases.install(),
    ),
    Step(
        name="snapshots",
        after=("databases",),
        why="RDS restores clusters from copies of their databases",
        run=lambda parts: parts.snapshots.install(),
    ),
    Step(
        name="member versions",
        after=("databases",),
        why="a cluster that may not join a global database gets no node",
        run=lambda _: member_versions.install(),
    ),
    Step(
        name="environments",
        why="Python functions run in environments that are forked from a template",
        run=lambda parts: parts.environments.install(),
    ),
    Step(
        name="invocations",
        after=("environments",),
        why="timeouts, errors and sizes are told in Lambda's words",
        run=lambda _: invocations.install(),
    ),
    Step(
        name="concurrency",
        why="invocations are counted by account and Region",
        run=lambda parts: Concurrency(parts.configuration.concurrency_limit).install(),
    ),
    Step(
        name="asynchronous invocations",
        why="events are tried again, and sent to where a function's failures go",
        run=lambda parts: AsynchronousInvocations(
            parts.configuration.retry_time_scale, parts.outages.is_lost
        ).install(),
    ),
    Step(
        name="replication",
        why="tables' and buckets' writes wait in a queue between the Regions",
        run=lambda parts: parts.replication.install(),
    ),
    Step(
        name="stale reads",
        why="it takes late writes out of a table while a read is answered, so nobody who writes may stand behind it",
        run=lambda parts: parts.stale_reads.install(),
    ),
    Step(
        name="strong tables",
        after=("replication", "stale reads"),
        why="requests are judged by whom replication reaches, so its thread runs by then",
        run=lambda parts: strong_tables.install(parts.replication),
    ),
    Step(
        name="conflicts",
        after=("strong tables",),
        why="a strong table's writes take a while, in which another Region's write of the same item is refused",
        run=lambda parts: parts.conflicts.install(),
    ),
    Step(
        name="table limits",
        why="what tables, strong ones above all, do not support is refused before MiniStack does it",
        run=lambda _: unsupported.install(),
    ),
    Step(
        name="encryption",
        after=("strong tables", "conflicts"),
        why="what a disabled key encrypts is refused before anybody looks at it",
        run=lambda _: encryption.install(),
    ),
    Step(
        name="replica sources",
        why="a table that was the source of a replica outlives it for a day",
        run=lambda _: ReplicaSources().install(),
    ),
    Step(
        name="host names",
        why="APIs answer by the host names that they have on AWS",
        run=lambda _: data_plane.install(),
    ),
    Step(
        name="authorization",
        why="every request is checked from here on",
        run=lambda _: authorization.install(),
    ),
    Step(
        name="subnets",
        after=("authorization",),
        why="a function that signs is known by its credentials, which authorization makes",
        run=lambda parts: parts.subnets.install(),
    ),
    Step(
        name="parsed policies",
        after=("authorization",),
        why="requests are judged by policies that were parsed before",
        run=lambda _: parsed_policies.install(),
    ),
    Step(
        name="threads",
        why="a call of an API gets a thread that is there already",
        run=lambda _: threads.install(),
    ),
    Step(
        name="API requests",
        after=("threads",),
        why="an event is completed before its function gets it",
        run=lambda _: api_requests.install(),
    ),
    Step(
        name="paths",
        why="a path that was compared with a route before is not compared again",
        run=lambda _: paths.install(),
    ),
    Step(
        name="custom domains",
        why="one name has an API in each Region",
        run=lambda _: arrivals.install(),
    ),
    Step(
        name="throttles",
        after=("authorization",),
        why="a request that is refused for who sent it takes a token, too",
        run=lambda _: Throttles().install(),
    ),
    Step(
        name="API limits",
        why="what is too large, too late or failed is answered by API Gateway itself",
        run=lambda _: limits.install(),
    ),
    Step(
        name="streams",
        why="it takes the place of MiniStack's poller",
        run=lambda parts: streams.install(
            lambda region: parts.outages.is_lost(region) or parts.outages.partial.stops_streams(region),
            parts.configuration.shards,
        ),
    ),
    Step(
        name="schedules",
        why="no rule of a lost Region reaches its target",
        run=lambda parts: schedules.install(parts.outages.is_lost),
    ),
    Step(
        name="alarms",
        after=("schedules",),
        why="its clock starts at once, and an alarm's event may match a rule",
        run=lambda parts: Alarms(parts.configuration.alarm_period_scale, parts.outages.is_lost).install(),
    ),
    Step(
        name="replication lag",
        after=("databases",),
        why="Aurora tells how far a standby is behind, and alarms take its silence for a halt",
        run=lambda parts: ReplicationLag(
            parts.databases, parts.configuration.alarm_period_scale, parts.outages.is_lost
        ).install(),
    ),
    Step(
        name="generated names",
        why="handlers ask for the names that a template leaves out",
        run=lambda _: generated_names.install(),
    ),
    Step(
        name="resource types",
        why="handlers are added to MiniStack's, or take their place",
        run=lambda _: resource_types.install(),
    ),
    Step(
        name="certificates",
        after=("resource types",),
        why="a certificate is pending until its record stands",
        run=lambda _: certificates.install(),
    ),
    Step(
        name="domain certificates",
        after=("certificates",),
        why="a custom domain takes no certificate that is not issued",
        run=lambda _: domain_certificates.install(),
    ),
    Step(
        name="global resources",
        after=("resource types",),
        why="it stands in front of every handler that is registered by then, and of no later one",
        run=lambda parts: global_resources.guard_cloudformation(parts.outages.is_lost, parts.outages.calls),
    ),
    Step(
        name="gates",
        why="what AWS refuses is refused before a resource is made",
        run=lambda parts: parts.gates.install(),
    ),
    Step(
        name="conditions",
        why="joins are made before conditions compare them",
        run=lambda _: conditions.install(),
    ),
    Step(
        name="settled stacks",
        why="CloudFormation's answers wait until a stack is settled",
        run=lambda _: settled_stacks.install(),
    ),
    Step(
        name="cloud control",
        after=("resource types", "global resources"),
        why="it deletes by CloudFormation's handlers",
        run=lambda _: cloud_control.install(),
    ),
    Step(
        name="coverage",
        after=("databases", "resource types", "global resources"),
        why="it stands in front of everybody who reads a property, or it would not see what they read",
        run=lambda parts: parts.coverage.install(),
    ),
    Step(
        name="backup settings",
        why="Backup answers for a Region's settings, too",
        run=lambda _: backup_settings.install(),
    ),
    Step(
        name="recovery points",
        after=("backup settings", "snapshots"),
        why="a vault holds the points of its backup jobs",
        run=lambda parts: recovery_points.install(parts.snapshots),
    ),
    Step(
        name="restore tests",
        after=("recovery points",),
        why="Backup keeps plans of restore tests, too",
        run=lambda _: restore_tests.install(),
    ),
    Step(
        name="restore jobs",
        after=("recovery points", "restore tests"),
        why="what a vault holds can be restored, and a test of it begun",
        run=lambda _: restore_api.install(),
    ),
    Step(
        name="table settings",
        why="a table's description tells its consistency mode",
        run=lambda _: table_settings.install(),
    ),
)
"""Every part once, in the order in which they are installed; whoever comes later stands in front of who came before.

All of it happens before the first request is served.
"""
