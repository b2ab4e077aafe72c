"""The functions' handlers as the tests load them: each with all that its construct would tell it."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec
from typing import Any

from contract.environment import (
    Attest,
    Canary,
    Capacity,
    Compare,
    Health,
    LedgerAccess,
    Migrate,
    Place,
    Recover,
    Sweeper,
    Takeover,
    Transactions,
    Verify,
)

_OWN = (
    LedgerAccess(
        ledger_writer_host="writer.invalid",
        ledger_reader_host="reader.invalid",
        ledger_port="5432",
        ledger_database="ledger",
        ledger_user="tandem_app",
        ledger_idle_seconds=None,
    ),
    Transactions(documents_bucket="documents"),
    Health(strong_reads=False, version=None),
    Compare(far_writer_host="far.invalid", far_reader_host="far.invalid", far_port="5432"),
    Sweeper(sweep_margin_seconds=3600),
    Capacity(journal_stream_arn="arn:aws:dynamodb:us-east-1:111122223333:table/journal/stream/now", projector_lanes=2),
    Canary(observations_table=None, api_name=None, api_target=None),
    Recover(
        evidence_table="takeover",
        heartbeat_limit_seconds=60,
        sweeper_function="sweeper",
        takeover_function="takeover",
        plan_arn=None,
        global_cluster="global",
        target_cluster_arn="arn:aws:rds:us-west-2:111122223333:cluster:ledger",
        target_region="us-west-2",
    ),
    Verify(
        global_cluster="global",
        target_cluster_arn="arn:aws:rds:us-west-2:111122223333:cluster:ledger",
        sweeper_function="sweeper",
    ),
    Attest(restore_testing_plan="tandem_test", prove_function="prove", minimum_capacity="1", maximum_capacity="8"),
    Takeover(takeover_table="takeover", takeover_region="us-west-2"),
    Migrate(
        ledger_cluster_arn="arn:aws:rds:us-east-1:111122223333:cluster:ledger",
        ledger_secret_arn="arn:aws:secretsmanager:us-east-1:111122223333:secret:ledger",  # noqa: S106 - only its name
    ),
)


def environment(
    *,
    region: str = "us-east-1",
    other_region: str | None = None,
    role: str = "primary",
    journal_table: str = "journal",
    operational_table: str = "operational",
) -> dict[str, str]:
    """What any of the functions may read: a stage called `test`, whose endpoints do not exist."""
    place = Place(
        stage="test",
        region_role=role,
        other_region=other_region,
        journal_table=journal_table,
        operational_table=operational_table,
        service="tandem-test",
    )
    told = {name: value for record in (place, *_OWN) for name, value in record.variables().items()}
    return {"AWS_REGION": region, **told}


def load(name: str) -> Any:
    """A module of its own, that no other test has or gets: a handler reads its environment when it is imported."""
    spec = find_spec(name)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
