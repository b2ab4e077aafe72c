"""Migrations on a real ledger: once, twice, at once, and under load."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pg8000.native
import pytest

from tandem_runtime.projector.logic import project
from tandem_runtime.transactions.adapters import LedgerAccounts
from tests.sql.database import MIGRATIONS, apply, contents, transaction
from tests.sql.test_projection import never, records

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.database import Pair


def empty(servers: Pair) -> str:
    return servers.fresh("template1")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The migrations without the role, which the cluster has once for all databases."""
    made = []
    for migration in MIGRATIONS:
        file = tmp_path / migration.name
        file.write_text(
            migration.read_text()
            .replace("CREATE ROLE tandem_app LOGIN;", "SELECT 1;")
            .replace("GRANT rds_iam TO tandem_app;", "SELECT 1;")
        )
        made.append(file)
    return made


LATER = """
ALTER TABLE ledger.transactions ADD CONSTRAINT described CHECK (length(description) <= 500);
CREATE OR REPLACE FUNCTION ledger.append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN RAISE EXCEPTION '%; it stays', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $body$;
"""
"""A migration such as a later release brings: it locks the table that is written, and replaces a trigger's function."""


@pytest.fixture
def later(files: list[Path], tmp_path: Path) -> list[Path]:
    """The migrations and one more."""
    file = tmp_path / "9000_later.sql"
    file.write_text(LATER)
    return [*files, file]


def test_the_second_run_finds_nothing_to_do(servers: Pair, files: list[Path]) -> None:
    with servers.administer(servers.writer, empty(servers)) as owner:
        assert apply(owner, files) == [file.name for file in files]
        assert apply(owner, files) == []


def test_runs_at_the_same_time_apply_each_file_once(servers: Pair, files: list[Path]) -> None:
    database = empty(servers)
    applied: list[str] = []

    def run() -> None:
        with servers.administer(servers.writer, database) as owner:
            applied.extend(apply(owner, files))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert applied == [file.name for file in files]


def test_a_migration_that_fails_leaves_nothing_behind(servers: Pair, files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "9999_broken.sql"
    broken.write_text("CREATE TABLE ledger.half (id int); SELECT 1 / 0;")
    with servers.administer(servers.writer, empty(servers)) as owner:
        with pytest.raises(pg8000.native.DatabaseError):
            apply(owner, [*files, broken])
        assert owner.run("SELECT to_regclass('ledger.transactions')::text") == [[None]]
        assert apply(owner, files) == [file.name for file in files]


def test_what_was_posted_before_a_migration_is_there_after_it(servers: Pair, later: list[Path]) -> None:
    database = empty(servers)
    with servers.administer(servers.writer, database) as owner:
        apply(owner, later[:2])
        ledger = servers.connect(servers.writer, database)
        project(records(*(transaction(number) for number in range(100))), ledger, never)
        assert apply(owner, later) == [file.name for file in later[2:]]
        assert project(records(*(transaction(number) for number in range(101))), ledger, never).inserted == 1
        assert contents(owner) == (101, 202, 0)
        ledger.close()


def test_projectors_and_readers_go_on_while_a_migration_runs(servers: Pair, later: list[Path]) -> None:
    database = empty(servers)
    with servers.administer(servers.writer, database) as owner:
        apply(owner, later[:2])
        done, halfway, failures = threading.Event(), threading.Semaphore(0), list[str]()
        posted = [0, 0]

        def write(lane: int) -> None:
            ledger = servers.connect(servers.writer, database)
            while not (done.is_set() and posted[lane] >= 40):
                number = 100_000 * lane + 10 * posted[lane]
                outcome = project(records(*(transaction(number + one) for one in range(10))), ledger, never)
                if outcome.failed is not None or outcome.quarantined:
                    failures.append(f"write {number}")
                    return
                posted[lane] += 1
                halfway.release()
            ledger.close()

        def read() -> None:
            ledger = servers.connect(servers.writer, database)
            while not done.is_set():
                try:
                    LedgerAccounts(ledger).entries("alice", limit=100)
                except Exception as error:  # noqa: BLE001 - in a thread, where it would go unseen
                    failures.append(repr(error))
                    return
            ledger.close()

        threads = [threading.Thread(target=write, args=(lane,)) for lane in (0, 1)] + [threading.Thread(target=read)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            halfway.acquire(timeout=60)
        try:
            assert apply(owner, later) == [file.name for file in later[2:]]
        finally:
            done.set()
            for thread in threads:
                thread.join()
        assert failures == []
        total = 10 * sum(posted)
        assert contents(owner) == (total, 2 * total, 0)
