"""A global database after both of its Regions were lost: all of it returns, in whichever order they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")


from tests.emulator.owned_database import NAME, PASSWORD, query
from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("both-regions-lost") as running:
        running.client("rds").create_global_cluster(GlobalClusterIdentifier=NAME, Engine="aurora-postgresql")
        credentials = {"MasterUsername": "owner", "MasterUserPassword": PASSWORD, "DatabaseName": NAME}
        for region, more in ((EAST, credentials), (WEST, {})):
            running.client("rds", region).create_db_cluster(
                DBClusterIdentifier=f"{NAME}-{region}",
                GlobalClusterIdentifier=NAME,
                Engine="aurora-postgresql",
                **more,
            )
        yield running


def databases(aws: Running) -> dict[str, tuple[bool, str | None]]:
    """Whether each Region's database runs, and the Region that it is a standby of."""
    return {
        each["cluster"].split(":")[3]: (
            each["running"],
            next((region for region in (EAST, WEST) if region in (each["replica_of"] or "")), None),
        )
        for each in aws.state()["databases"]
    }


def move_writer(aws: Running, region: str) -> None:
    client = aws.client("rds", region)
    [cluster] = client.describe_db_clusters(DBClusterIdentifier=f"{NAME}-{region}")["DBClusters"]
    client.failover_global_cluster(
        GlobalClusterIdentifier=NAME, TargetDbClusterIdentifier=cluster["DBClusterArn"], AllowDataLoss=True
    )


def replicates(aws: Running) -> None:
    """What the writer is told from now on arrives at its standby."""
    query(aws, EAST, "CREATE TABLE IF NOT EXISTS told (number int)")
    query(aws, EAST, "INSERT INTO told VALUES (1)")
    told = query(aws, EAST, "SELECT count(*) FROM told")
    until(lambda: query(aws, WEST, "SELECT to_regclass('told') IS NOT NULL") == [[True]])
    until(lambda: query(aws, WEST, "SELECT count(*) FROM told") == told, what=str(told))


def lose_both(aws: Running) -> None:
    for region in (EAST, WEST):
        aws.control(f"regions/{region}/lose")
    assert not any(running for running, _ in databases(aws).values())


@pytest.mark.parametrize("order", [(WEST, EAST), (EAST, WEST)], ids=["standby-first", "writer-first"])
def test_both_databases_return_whichever_region_is_back_first(aws: Running, order: tuple[str, str]) -> None:
    lose_both(aws)
    aws.control(f"regions/{order[0]}/restore")
    assert databases(aws)[order[0]][0], "it is down though its Region is not lost"
    aws.control(f"regions/{order[1]}/restore")
    assert databases(aws) == {EAST: (True, None), WEST: (True, EAST)}
    replicates(aws)


def test_a_standby_that_is_back_first_can_take_over_and_the_old_writer_becomes_its_standby(aws: Running) -> None:
    lose_both(aws)
    aws.control(f"regions/{WEST}/restore")
    move_writer(aws, WEST)
    aws.control(f"regions/{EAST}/restore")
    assert databases(aws) == {EAST: (True, WEST), WEST: (True, None)}
    move_writer(aws, EAST)
    assert databases(aws) == {EAST: (True, None), WEST: (True, EAST)}


def test_a_writer_of_old_that_is_back_first_waits_for_the_one_that_took_over(aws: Running) -> None:
    aws.control(f"regions/{EAST}/lose")
    move_writer(aws, WEST)
    aws.control(f"regions/{WEST}/lose")
    aws.control(f"regions/{EAST}/restore")
    assert not databases(aws)[EAST][0], "two writers"
    aws.control(f"regions/{WEST}/restore")
    assert databases(aws) == {EAST: (True, WEST), WEST: (True, None)}
    move_writer(aws, EAST)


def test_a_link_that_is_mended_while_the_writer_is_lost_leaves_the_writer_of_old_to_its_return(aws: Running) -> None:
    aws.control("partition/on")
    move_writer(aws, WEST)
    aws.control(f"regions/{WEST}/lose")
    aws.control("partition/off")
    aws.control(f"regions/{WEST}/restore")
    assert databases(aws) == {EAST: (True, WEST), WEST: (True, None)}
    move_writer(aws, EAST)
    assert databases(aws) == {EAST: (True, None), WEST: (True, EAST)}
