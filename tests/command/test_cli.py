"""What an operator types wrongly gets one clear line and exit status 2."""

import json
import socket
from importlib.metadata import version
from pathlib import Path

import pytest

from command.cli import main
from operations.deployment import regions_of


def run(arguments: list[str]) -> int:
    """Run a command and return its exit status, however it leaves."""
    try:
        return main(arguments)
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["status", "--stage", "Prod!"], "'Prod!' is not a stage"),
        (["status", "--stage", "my--stage"], "'my--stage' is not a stage: use 2 to 16 lower-case letters"),
        (["status", "--stage", "prod-"], "'prod-' is not a stage"),
        (["failover", "--stage", "staging", "--endpoint-url", "localhost:4566"], "'localhost:4566' is not a URL"),
        (["status", "--endpoint-url", "http://[::1"], "is not a URL"),
        (["failback", "--stage", "staging", "--endpoint-url", "http://127.0.0.1:99999"], "is not a URL"),
        (["reconcile", "--stage", "staging", "--since", "2026-01-31"], "write it like 2026-01-31T00:00:00+00:00"),
        (["status", "--primary-region", "virginia"], "'virginia' is not a Region"),
        (["drill", "--rate", "0"], "'0' is not a number from 1 to 1000"),
        (["drill", "--rate", "nan"], "'nan' is not a number"),
        (["drill", "--scenario", "earthquake"], "'earthquake'"),
        (["drill", "--stage", "dev"], "'dev' has one Region"),
        (["failover", "--stage", "dev"], "'dev' has one Region"),
        (["failback", "--stage", "dev"], "'dev' has one Region"),
        (["status", "--stage", "dev", "--secondary-region", "us-west-2"], "'dev' has one Region"),
        (["status", "--stage", "qa"], "'qa' has no settings"),
        (["status", "--stage", "qa"], "(known: dev, prod, staging)"),
        (["drill", "--stage", "qa"], "'qa' has no settings"),
        (["status", "--settings", "nowhere"], "no settings in nowhere (known: none)"),
        (["reconcile", "--stage", "staging", "--since", "yesterday"], "'yesterday' is not a time"),
        (["reconcile", "--stage", "staging", "--since", "2026-01-31T12:00:00"], "has no time zone"),
        (["failback", "--stage", "staging", "--wait", "-1"], "'-1' is not a number"),
        (["status", "--primary-region", "eu-west-1", "--secondary-region", "eu-west-1"], "both eu-west-1"),
        (["quarantine", "free"], "'free'"),
        (
            ["failover", "--stage", "staging", "--stop-at", "traffic-moved"],
            "--stop-at traffic-moved is for drills: give --endpoint-url",
        ),
        (["failover", "--stage", "staging", "--stop-at", "nowhere"], "'nowhere'"),
        (["explode"], "'explode'"),
        (["failover"], "arguments are required: --stage (see tandem failover --help)"),
        (["explode"], "(see tandem --help)"),
        (["status", "--watch", "0"], "'0' is not a number from 1 to 3600"),
        (["drill", "--endpoint-url", "http://127.0.0.1:1"], "is not an embedded AWS"),
    ],
)
def test_wrong_input_is_one_line_and_status_two(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert named in captured.err


def test_a_drill_refuses_an_endpoint_that_is_no_embedded_aws_and_names_the_fis_scenario(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["drill", "--endpoint-url", "http://127.0.0.1:1"]) == 2
    assert "FIS" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["drill", "campaign"])
@pytest.mark.parametrize("url", ["https://dynamodb.us-east-1.amazonaws.com", "http://10.0.0.1:4566"])
def test_against_aws_itself_a_drill_tells_how_to_run_fis_and_sends_nothing(
    command: str, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert run([command, "--stage", "prod", "--endpoint-url", url]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for needed in (
        url,
        "nothing was sent",
        "tandem game-day --stage prod --experiment cross-region",
        "aws fis stop-experiment --region us-east-1",
        "tandem status --stage prod",
        "tandem failover --stage prod",
        "cannot pause Aurora's replication",
    ):
        assert needed in captured.err


def test_no_region_answering_is_a_failure_not_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--endpoint-url", "http://127.0.0.1:1"]) == 1
    assert capsys.readouterr().out.startswith("unknown: no Region answered")


def test_a_failover_asks_only_the_region_that_it_moves_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["failover", "--stage", "staging", "--endpoint-url", "http://127.0.0.1:1"]) == 1
    assert "us-west-2 did not answer" in (told := capsys.readouterr().err)
    assert "us-east-1" not in told


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("status", "failover", "failback", "reconcile", "drill", "campaign"):
        assert run([command, "--help"]) == 0
        said = capsys.readouterr().out
        assert "--endpoint-url" in said
        assert "--stop-at" not in said, "that is the drills' own"


def test_regions_come_from_the_settings_of_the_stage(tmp_path: Path) -> None:
    (tmp_path / "east.toml").write_text(f'topology = "dual"\n[regions]\nprimary = {json.dumps("eu-west-1")}\n')
    regions, topology = regions_of("east", tmp_path)
    assert (regions.both, topology) == (("eu-west-1", "us-west-2"), "dual")


def test_settings_are_those_of_the_checkout_wherever_the_command_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.toml").write_text('topology = "dual"\n[regions]\nprimary = "eu-west-1"\n')
    monkeypatch.chdir(tmp_path)
    assert regions_of("prod")[0].both == ("us-east-1", "us-west-2")


@pytest.mark.parametrize("region", ["eu-west-1", "us-west-2"])
def test_a_stage_of_one_region_lives_wherever_its_settings_say(
    region: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dev.toml").write_text(f'topology = "single"\n[regions]\nprimary = "{region}"\n')
    assert regions_of("dev", tmp_path)[0].both == (region,)
    arguments = ["status", "--stage", "dev", "--settings", str(tmp_path), "--endpoint-url", "http://127.0.0.1:1"]
    assert run(arguments) == 1
    told = capsys.readouterr().out
    assert f"{region}: " in told
    assert told.count("endpoint URL") == 1, "one Region is asked"


def test_every_command_s_help_says_what_its_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("status", "failover", "failback", "reconcile", "quarantine", "drill", "campaign"):
        assert run([command, "--help"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "3 degraded, or part of it is left to do" in told


def test_the_command_alone_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Usage: tandem COMMAND")
    assert "failover" in told


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"tandem {version('tandem')}\n"


def test_the_endpoint_may_be_named_by_the_environment_and_what_is_typed_counts_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANDEM_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:3")
    assert run(["status"]) == 1
    assert "http://127.0.0.1:1/" in capsys.readouterr().out
    assert run(["status", "--endpoint-url", "http://127.0.0.1:2"]) == 1
    assert "http://127.0.0.1:2/" in capsys.readouterr().out


def test_wrong_usage_names_the_help_and_what_no_help_helps_with_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["failover", "--stage", "dev"]) == 2
    assert capsys.readouterr().err.endswith("(see tandem failover --help)\n")
    assert run(["status", "--endpoint-url", "http://127.0.0.1:1"]) == 1
    assert "--help" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["drill", "campaign"])
def test_a_drill_of_a_stage_without_a_domain_is_refused_before_anything_starts(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "west.toml").write_text('topology = "dual"\n')
    for module in ("command.arguments", "command.drill"):
        monkeypatch.setattr(f"{module}.SETTINGS", tmp_path)
    assert run([command, "--stage", "west"]) == 2
    assert "stage 'west' has no domain" in capsys.readouterr().err
