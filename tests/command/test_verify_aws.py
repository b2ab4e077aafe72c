"""`tandem verify-aws` says what it would do, and does it for an account of AWS only."""

from __future__ import annotations

import socket
import subprocess

import pytest

from command.cli import main


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started, and nobody is asked."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was begun")

    for owner, name in ((subprocess, "run"), (socket, "create_connection"), (socket, "getaddrinfo")):
        monkeypatch.setattr(owner, name, refuse)
    for name in ("TANDEM_ENDPOINT_URL", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_dry_run_names_every_step_in_its_order_and_begins_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-aws", "--stage", "staging"]) == 0
    said = capsys.readouterr().out
    assert "dry run" in said
    order = ["make bootstrap", "tandem preflight", "make deploy", "waits", "tandem game-day", "tandem failover"]
    order += ["tandem failback", "tandem compare", "make destroy"]
    places = [said.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--stage", "dev"], "one Region"),
        (["--stage", "staging", "--really"], "none of AWS"),
        (["--stage", "staging", "--really", "--account", "000000000000"], "none of AWS"),
        (["--stage", "staging", "--endpoint-url", "http://127.0.0.1:4566"], "is not AWS"),
        ([], "--stage"),
    ],
)
def test_what_it_cannot_verify_is_refused_before_anything_begins(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify-aws", *arguments]) == 2
    assert says in capsys.readouterr().err
