"""What `make` runs: from any folder, with any shell's environment, with and without a terminal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AWKWARD = "two words/it's here"


def make(folder: Path, *arguments: str, **environment: str) -> str:
    """Run make in a folder and return what it printed."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],  # noqa: S607 - found as a user's shell finds it
        cwd=folder,
        env=found | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def recipe(folder: Path, *arguments: str) -> str:
    """Return the words of a target's command, which is the last that make would run."""
    return " ".join(make(folder, "--dry-run", "--assume-old=ready", *arguments).splitlines()[-1].split())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder whose path holds a space and a quote, with the Makefile and targets that show what it sets."""
    folder = tmp_path / AWKWARD
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "probe.mk").write_text(
        "include Makefile\n"
        "home:\n\t@env $(INSIDE) printenv HOME\n"
        'app:\n\t@set -- $(CDK_APP); sh -c "$${2/python -O app.py/printenv HOME}"\n'
        "python:\n\t@env | grep ^PYTHON | sort\n"
    )
    return folder


@pytest.mark.parametrize("target", ["home", "app"])
def test_a_checkout_may_lie_below_spaces_and_quotes(checkout: Path, target: str) -> None:
    assert make(checkout, "-f", "probe.mk", target) == f"{checkout}/.cache/home\n"
    assert (checkout / ".cache" / "tmp").is_dir()
    assert [path.name for path in checkout.parents[1].iterdir()] == ["two words"]


def test_what_the_shell_tells_python_reaches_no_command(checkout: Path) -> None:
    told = dict.fromkeys(("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONPATH"), "1")
    found = make(checkout, "-f", "probe.mk", "python", **told)
    assert f"PYTHONPYCACHEPREFIX={checkout}/.cache/pycache" in found
    assert not told.keys() & {line.partition("=")[0] for line in found.splitlines()}


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("old", "python 3.9.7 found, 3.11 or later needed: set PYTHON=/path/to/python3"),
        ("missing", "missing is not there, python 3.11 or later needed: set PYTHON=/path/to/python3"),
    ],
)
def test_setup_with_a_python_that_will_not_do_is_one_line_before_anything_is_made(
    checkout: Path, python: str, said: str
) -> None:
    for folder in ("contract", "runtime", "requirements"):
        (checkout / folder).mkdir()
    (checkout / "requirements" / "uv.txt").touch()
    old = checkout / "old"
    pretend = "import sys; sys.version_info = (3, 9, 7); sys.version = '3.9.7 (old)'; exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{pretend}" "$2"\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "--silent", ".cache/uv.done", "PYTHON=" + ("./old" if python == "old" else python)],  # noqa: S607 - found as a user's shell finds it
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert lines == [said]
    assert not (checkout / ".cache" / "uv-venv").exists()


def deployment(*arguments: str) -> str:
    """Return the words by which `make deploy` has the CDK CLI deploy; after it the stage is watched."""
    commands = make(ROOT, "--dry-run", "--assume-old=setup", "deploy", *arguments).splitlines()
    return " ".join(next(line for line in commands if line.startswith("cdk deploy")).split())


def test_a_deployment_is_watched_for_five_minutes_or_as_long_as_asked() -> None:
    assert recipe(ROOT, "deploy", "STAGE=prod") == "tandem bake --stage prod --minutes 5"
    assert recipe(ROOT, "deploy", "BAKE=0").endswith("--minutes 0")


def test_without_a_terminal_approval_never_deploys_and_destroys() -> None:
    assert deployment("APPROVAL=never").endswith("--all --require-approval never")
    assert recipe(ROOT, "destroy", "APPROVAL=never").endswith("--all --force")


def test_a_deployment_asks_first_what_the_deployed_stage_cannot_take() -> None:
    commands = make(ROOT, "--dry-run", "--assume-old=ready", "deploy", "STAGE=prod").splitlines()
    asks = commands.index("tandem changes --stage prod")
    assert next(line.split()[:2] for line in commands[asks + 1 :]) == ["cdk", "deploy"]


def test_unless_told_otherwise_deploy_and_destroy_ask() -> None:
    assert "--require-approval" not in deployment()
    assert "--force" not in recipe(ROOT, "destroy") + recipe(ROOT, "destroy", "APPROVAL=broadening")


def test_a_drill_waits_a_tenth_unless_it_is_told_to_wait_as_deployed() -> None:
    assert recipe(ROOT, "drill").endswith("--routing-time-scale 0.1")
    assert recipe(ROOT, "drill", "SCALE=1").endswith("--routing-time-scale 1")


def test_help_lists_every_target_that_a_person_calls() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    names = {name for line in re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE) for name in line.split()}
    listed = [line.split()[1] for line in make(ROOT, "help").splitlines()]
    assert sorted(listed) == sorted(names)


def test_what_a_stage_costs_is_told_without_an_account_and_a_synthesis_still_asks_for_one() -> None:
    def synthesized(*arguments: str) -> str:
        commands = make(ROOT, "--dry-run", "--assume-old=ready", *arguments).splitlines()
        return next(line for line in commands if line.startswith("cdk synth"))

    assert synthesized("costs", "STAGE=prod").rstrip().endswith("-c account=000000000000")
    assert synthesized("costs", "ACCOUNT=123456789012").rstrip().endswith("-c account=123456789012")
    assert "account=" not in synthesized("synth", "STAGE=prod")
