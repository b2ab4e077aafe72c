"""`make audit` says what checkov found and nobody gave a reason for, and which reasons are no longer needed."""

import json
from pathlib import Path

import pytest

from scripts.audit import ACKNOWLEDGED, Acknowledged, Finding, acknowledged, findings, judge, main

OPEN_BUCKET = Finding(stage="prod", check="CKV_AWS_18", resource="AWS::S3::Bucket.Logs1A", title="access logging")


def entry(pattern: str, *stages: str) -> Acknowledged:
    return Acknowledged(check="CKV_AWS_18", resources=(pattern,), reason="a reason", stages=stages)


def test_every_entry_has_a_reason_that_is_a_sentence_or_two() -> None:
    assert all(len(each.reason.split()) >= 8 for each in acknowledged())


def test_a_finding_that_is_acknowledged_is_not_told_of() -> None:
    assert judge([OPEN_BUCKET], [entry("AWS::S3::Bucket.Logs*")]) == []
    assert judge([OPEN_BUCKET], [entry("AWS::S3::Bucket.Logs*", "prod")]) == []


@pytest.mark.parametrize("covering", [entry("AWS::S3::Bucket.Other*"), entry("AWS::S3::Bucket.Logs*", "dev")])
def test_a_finding_of_another_resource_or_stage_is_told_of_and_so_is_the_entry_that_covers_none(
    covering: Acknowledged,
) -> None:
    left, stale = judge([OPEN_BUCKET], [covering])
    assert left.startswith("prod: CKV_AWS_18 AWS::S3::Bucket.Logs1A: access logging: ")
    assert stale == f"acknowledged.toml: CKV_AWS_18 on {covering.resources[0]} matches no finding: take it out"


def test_a_report_that_looked_at_nothing_is_no_clean_report() -> None:
    with pytest.raises(ValueError, match="looked at nothing in dev"):
        findings(json.dumps({"passed": 0, "failed": 0}), "dev")


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "acknowledged.toml"
    file.write_text(ACKNOWLEDGED.read_text().replace("reason", "because", 1))
    with pytest.raises(ValueError, match="is not complete: give check, resources and reason"):
        acknowledged(file)


def test_the_audit_ends_with_two_where_checkov_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silent = tmp_path / "checkov"
    silent.write_text("#!/bin/sh\necho no such framework >&2\nexit 1\n")
    silent.chmod(0o755)
    assert main([str(silent), str(tmp_path / "prod")]) == 2
    assert "no such framework" in capsys.readouterr().err
