"""TLS as API Gateway speaks it: the certificate follows the name that a client asks for, and one authority signs all.

A Regional custom domain shows the certificate that ACM issued for it there; every other name gets that of the Region's
own host names, which a client that asked for another refuses.
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_DAYS = dt.timedelta(days=30)


class Authority:
    """Signs the certificates of names; `path` is its own, which clients trust."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.path = folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "embedded API Gateway")])
        own = self._signed(self._name, self._key.public_key(), names=())
        self.path.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def trusted_beside(self, other: Path) -> Path:
        """Return a file with this authority's certificate and another one's, for who trusts both."""
        both = self._folder / "trusted.pem"
        both.write_bytes(other.read_bytes() + self.path.read_bytes())
        both.chmod(0o644)
        return both

    def context(self, name: str) -> ssl.SSLContext:
        """Return how to serve with a certificate for `name`, which is made once."""
        with self._lock:
            if name not in self._contexts:
                self._contexts[name] = self._issued(name)
            return self._contexts[name]

    def serving(self, own: str, known: Callable[[str], bool]) -> ssl.SSLContext:
        """Return how to serve as `own`, or as the name that a client asks for where that is a known one."""
        context = self._issued(own)

        def choose(connection: ssl.SSLObject, asked: str | None, _: ssl.SSLContext) -> None:
            if asked and known(asked.lower()):
                connection.context = self.context(asked.lower())

        context.sni_callback = choose
        return context

    def _issued(self, name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        certificate = self._signed(subject, key.public_key(), names=(name,))
        file = self._folder / f"{name.replace('*', '_')}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(file)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, names: tuple[str, ...]
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + _DAYS)
            .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(_usage(authority=not names), critical=True)
        )
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(alternatives, critical=False).add_extension(purpose, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
