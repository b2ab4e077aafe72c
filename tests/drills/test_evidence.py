"""A drill's folder can be held against its manifest, its signature and the drills before it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from command.cli import main
from drills.evidence.manifest import MANIFEST, SIGNATURE, seal, verify
from drills.evidence.provenance import provenance
from drills.evidence.runs import LATEST, new_folder, runs
from drills.report import write_report
from drills.report.page import page
from operations.errors import WrongInputError
from tests.drills.recorded import region_loss, report

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)


def save(key: Ed25519PrivateKey | EllipticCurvePrivateKey, folder: Path, name: str = "key") -> tuple[Path, Path]:
    """Write both halves of a key, and return where they are."""
    private, public = folder / f"{name}.pem", folder / f"{name}-public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with its report."""
    made = new_folder(tmp_path / "drills", scenario="region-loss", began=BEGAN, run="ab12")
    write_report(report(region_loss()), made)
    (made / "history.jsonl").write_text("{}\n")
    return made


def test_a_sealed_folder_is_as_it_was_left(folder: Path) -> None:
    seal(folder)
    finding = verify(folder)
    assert (finding.files, finding.problems, finding.signed) == (3, (), False)
    assert main(["evidence", "verify", str(folder)]) == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda folder: (folder / "report.json").write_text("{}"), "report.json was changed"),
        (lambda folder: (folder / "history.jsonl").unlink(), "history.jsonl is missing"),
        (lambda folder: (folder / "more.txt").write_text("x"), "more.txt is not in the manifest"),
    ],
)
def test_whatever_was_changed_added_or_taken_away_is_named(
    change: object, problem: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    seal(folder)
    change(folder)
    assert verify(folder).problems == (problem,)
    assert main(["evidence", "verify", str(folder)]) == 1
    assert f"FAILED: {problem}" in capsys.readouterr().out


def test_a_signature_is_checked_with_the_public_key_and_left_to_do_without(folder: Path, tmp_path: Path) -> None:
    private, public = save(Ed25519PrivateKey.generate(), tmp_path)
    _, others = save(Ed25519PrivateKey.generate(), tmp_path, "other")
    assert main(["evidence", "seal", str(folder), "--key", str(private)]) == 0
    assert main(["evidence", "verify", str(folder)]) == 3
    assert main(["evidence", "verify", str(folder), "--key", str(public)]) == 0
    assert verify(folder, key=others).problems == ("the signature is not of this manifest and this key",)


def test_a_manifest_that_was_made_anew_does_not_pass_for_the_one_that_was_signed(folder: Path, tmp_path: Path) -> None:
    private, public = save(Ed25519PrivateKey.generate(), tmp_path)
    seal(folder, key=private)
    signature = (folder / SIGNATURE).read_bytes()
    (folder / "report.json").write_text("{}")
    seal(folder)
    assert verify(folder, key=public).problems == ("the manifest is not signed",)
    (folder / SIGNATURE).write_bytes(signature)
    assert verify(folder, key=public).problems == ("the signature is not of this manifest and this key",)


def test_a_key_that_cannot_sign_and_a_folder_without_a_manifest_are_wrong_input(folder: Path, tmp_path: Path) -> None:
    private, public = save(generate_private_key(SECP256R1()), tmp_path)
    with pytest.raises(WrongInputError, match="is not an Ed25519 key: make one, openssl"):
        seal(folder, key=private)
    assert not (folder / MANIFEST).exists()
    with pytest.raises(WrongInputError, match="tandem evidence seal"):
        verify(folder)
    seal(folder)
    with pytest.raises(WrongInputError, match="is not an Ed25519 key"):
        verify(folder, key=public)
    with pytest.raises(WrongInputError, match="is not a private key"):
        seal(folder, key=folder / "report.json")


def test_each_run_has_a_folder_and_latest_leads_to_the_last(tmp_path: Path) -> None:
    first = new_folder(tmp_path, scenario="region-loss", began=BEGAN, run="1")
    second = new_folder(tmp_path, scenario="partition", began=BEGAN, run="2")
    assert first.is_dir()
    assert (tmp_path / LATEST).resolve() == second.resolve()
    assert second.name == "20260131T120000Z-partition-2"


def test_the_list_has_every_run_oldest_first_with_the_change_since_the_one_of_its_kind_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = report(region_loss())
    for day, scenario, rto in ((3, "region-loss", 50.0), (1, "region-loss", 44.0), (2, "api-only", 12.0)):
        began = BEGAN.replace(day=day)
        made = new_folder(tmp_path, scenario=scenario, began=began, run=str(day))
        write_report(told | {"began": began.isoformat(), "scenario": scenario, "write_rto_seconds": rto}, made)
    (tmp_path / "cdk.out").mkdir()
    listed = runs(tmp_path)
    assert [run.scenario for run in listed] == ["region-loss", "api-only", "region-loss"]
    assert [run.changes["write_rto_seconds"] for run in listed] == [None, None, 6.0]
    assert {run.who for run in listed} == {"anna"}
    assert main(["evidence", "list", str(tmp_path), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert main(["evidence", "list", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "region-loss" in last
    assert "50 s (+6.0 s)" in last


def test_a_report_says_who_ran_it_from_what_and_the_page_shows_it() -> None:
    told = report(region_loss())
    evidence = told["evidence"]
    assert evidence.keys() == {"who", "began", "ended", "commit", "clean", "templates", "packages", "tools"}
    assert evidence["ended"] > evidence["began"]
    shown = page(told)
    assert "aa" * 32 in shown
    assert "as the commit has it" in shown
    assert "minutes" in shown.partition("<h2>Figures</h2>")[2].partition("</table>")[0]


def test_the_provenance_tells_the_tools_the_commit_and_each_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "GlobalStack.template.json").write_text("{}")
    monkeypatch.setenv("TANDEM_OPERATOR", "pipeline 7")
    told = provenance(tmp_path, at=0.0)
    assert told.who == "pipeline 7"
    assert told.templates.keys() == {"GlobalStack.template.json"}
    assert told.tools.keys() == {"MiniStack", "PostgreSQL", "CDK CLI", "Node"}
    assert "unknown" not in told.tools.values()


def test_what_cannot_be_told_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drills.evidence.provenance.ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    told = provenance(tmp_path, at=0.0)
    assert (told.commit, told.clean) == ("unknown", None)
    assert set(told.tools.values()) == {"unknown"}
