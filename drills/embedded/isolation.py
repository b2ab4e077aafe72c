"""What keeps the operator's own AWS out of whatever a drill starts."""

from __future__ import annotations

import os
from pathlib import Path

from operations.loopback import NO_PROXY

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


def isolated_environment(url: str | None) -> dict[str, str]:
    """Return an environment with no trace of the operator's AWS, pointing at `url` when one is given."""
    cache = ROOT / ".cache"
    node = ROOT / ".venv" / "bin" / "node"
    environment = {
        "PATH": os.pathsep.join(
            [str(ROOT / ".venv/bin"), str(ROOT / "node_modules/.bin"), os.environ.get("PATH", os.defpath)]
        ),
        "HOME": str(cache / "home"),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - the default of the platform
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_HOME": str(cache / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii"),
        "PYTHONPYCACHEPREFIX": str(cache / "pycache"),
        "NO_COLOR": "1",
        "NO_PROXY": NO_PROXY,
        "no_proxy": NO_PROXY,
    }
    (cache / "home").mkdir(parents=True, exist_ok=True)
    if node.exists():
        environment["JSII_NODE"] = str(node)
    if url is not None:
        environment |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
    return environment
