"""Rules about names that AWS writes in its documents only: no model and no schema holds them.

Each function returns what is wrong with a name, None where nothing is.
"""

from __future__ import annotations

import re

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
_RULE = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
_RDS = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9]){0,62}")
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_RESERVED_DATABASES = frozenset({"rdsadmin", "postgres", "template0", "template1"})
_RESERVED_USERS = frozenset({"admin", "rdsadmin", "rds_superuser", "rds_replication", "rds_iam"})
_LONGEST_API = 128
_STAGE = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
_RESERVED_ZONES = ("example.com", "example.net", "example.org")
_FIRST_NAME_OF_CERTIFICATE = 64


def bucket(name: str) -> str | None:
    """Amazon S3 User Guide, "General purpose bucket naming rules"."""
    wrong = (
        not _BUCKET.fullmatch(name)
        or ".." in name
        or _ADDRESS.fullmatch(name)
        or name.startswith(_BUCKET_PREFIXES)
        or name.endswith(_BUCKET_SUFFIXES)
    )
    return "The specified bucket is not valid." if wrong else None


def topic(name: str) -> str | None:
    """Amazon SNS API Reference, CreateTopic, "Name"."""
    return None if _TOPIC.fullmatch(name) else "Invalid parameter: Topic Name"


def rule(name: str) -> str | None:
    """Amazon EventBridge API Reference, PutRule, "Name"."""
    if _RULE.fullmatch(name):
        return None
    return (
        f"Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        r"[\.\-_A-Za-z0-9]+, and have length less than or equal to 64"
    )


def rds_identifier(parameter: str, name: str) -> str | None:
    """Amazon RDS API Reference, CreateDBCluster, "DBClusterIdentifier"; instances' and global ones' alike."""
    if _RDS.fullmatch(name):
        return None
    return (
        f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only "
        "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )


def database(name: str) -> str | None:
    """Amazon RDS API Reference, CreateDBInstance, "DBName", for PostgreSQL."""
    if _DATABASE.fullmatch(name) and name.lower() not in _RESERVED_DATABASES:
        return None
    return f"DatabaseName {name} cannot be used. It is a reserved word, or not of letters, digits and underscores"


def master_user(name: str) -> str | None:
    """Amazon RDS API Reference, CreateDBCluster, "MasterUsername"; the wording is that of public logs."""
    if name.lower() in _RESERVED_USERS:
        return f"MasterUsername {name} cannot be used as it is a reserved word used by the engine"
    if _DATABASE.fullmatch(name):
        return None
    return f"MasterUsername {name} is not valid: it must be 1 to 63 letters, digits and underscores, a letter first"


def api(name: str) -> str | None:
    """API Gateway API Reference (version 2), CreateApi, "Name"."""
    return None if len(name) <= _LONGEST_API else f"Name should be {_LONGEST_API} characters or less"


def api_stage(name: str) -> str | None:
    """API Gateway Developer Guide, stages of HTTP APIs: `$default`, or letters, digits, hyphens and underscores."""
    if _STAGE.fullmatch(name):
        return None
    return "Stage name should be 128 characters or less and contain only [a-zA-Z0-9_-] or be $default"


def zone(name: str) -> str | None:
    """Route 53 API Reference, CreateHostedZone, InvalidDomainName: names that RFC 2606 reserves (public logs)."""
    labels = name.lower().rstrip(".").split(".")
    return f"{name} is reserved by AWS!" if ".".join(labels[-2:]) in _RESERVED_ZONES else None


def certificate(name: str) -> str | None:
    """AWS Certificate Manager API Reference, RequestCertificate, "DomainName": the first name has 64 octets at most."""
    if len(name.encode()) <= _FIRST_NAME_OF_CERTIFICATE:
        return None
    return "The first domain name can be no longer than 64 octets, including periods"
