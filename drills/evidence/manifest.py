"""The manifest of a drill's folder: the SHA-256 of each file, and, with a key, a signature of that."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from drills.evidence.provenance import digest
from operations.errors import WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
NEW_KEY = "openssl genpkey -algorithm ed25519 -out KEY.pem"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a folder's verification came to: what is wrong, and whether a signature is there and was checked."""

    files: int
    problems: tuple[str, ...]
    signed: bool
    checked: bool


def seal(folder: Path, *, key: Path | None = None) -> Path:
    """Write the manifest of a folder's files and, with a key, its signature; return the manifest's path.

    Raises WrongInputError when there are no files, or the key is not a private Ed25519 key in PEM without a password.
    """
    signer = None if key is None else private_key(key)
    files = {path.relative_to(folder).as_posix(): digest(path) for path in _files(folder)}
    if not files:
        raise WrongInputError(f"{folder} holds no files: give the folder of a drill's report")
    manifest, signature = folder / MANIFEST, folder / SIGNATURE
    manifest.write_text(json.dumps({"sha256": files}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    signature.unlink(missing_ok=True)
    if signer is not None:
        signature.write_bytes(base64.b64encode(signer.sign(manifest.read_bytes())) + b"\n")
    return manifest


def verify(folder: Path, *, key: Path | None = None) -> Finding:
    """Hold a folder against its manifest and, with a public key, the manifest against its signature.

    Raises WrongInputError when there is no manifest to hold it against, or the key is not a public Ed25519 key in PEM.
    """
    manifest, signature = folder / MANIFEST, folder / SIGNATURE
    try:
        listed: dict[str, str] = dict(json.loads(manifest.read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongInputError(
            f"{manifest} cannot be read ({error}): give a drill's folder, or make one: tandem evidence seal {folder}"
        ) from error
    there = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    problems = [f"{name} is missing" for name in sorted(listed.keys() - there.keys())]
    problems += [f"{name} is not in the manifest" for name in sorted(there.keys() - listed.keys())]
    problems += [
        f"{name} was changed" for name in sorted(listed.keys() & there.keys()) if digest(there[name]) != listed[name]
    ]
    signed = signature.is_file()
    if key is not None:
        problems += _signature_problems(_public(key), manifest.read_bytes(), signature)
    return Finding(files=len(listed), problems=tuple(problems), signed=signed, checked=key is not None)


def _files(folder: Path) -> list[Path]:
    """Every file that belongs to the evidence; a link leads elsewhere, and the manifest cannot hold itself."""
    own = {folder / MANIFEST, folder / SIGNATURE}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink() and path not in own]


def _signature_problems(key: Ed25519PublicKey, manifest: bytes, signature: Path) -> list[str]:
    if not signature.is_file():
        return ["the manifest is not signed"]
    try:
        key.verify(base64.b64decode(signature.read_bytes()), manifest)
    except (InvalidSignature, ValueError):
        return ["the signature is not of this manifest and this key"]
    return []


def private_key(path: Path) -> Ed25519PrivateKey:
    """Read the key that signs; raises WrongInputError when it is not a private Ed25519 key in PEM, without password."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongInputError(f"{path} is not a private key that can be used ({error}): make one, {NEW_KEY}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongInputError(f"{path} is not an Ed25519 key: make one, {NEW_KEY}")
    return key


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise WrongInputError(
            f"{path} is not a public key ({error}): openssl pkey -in KEY.pem -pubout -out PUBLIC.pem"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise WrongInputError(f"{path} is not an Ed25519 key: openssl pkey -in KEY.pem -pubout -out PUBLIC.pem")
    return key
