"""The same limits beneath TLS, and whom the client trusts."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from twins.clients import KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners
from twins.faults import Fault
from twins.provider import ProviderTwin

from crewboard.errors import ProviderSilent, ProviderUnavailable

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, in one PEM file."""
    x509: Any = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "twin")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "twin.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, *form)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_key_is_sent(
    tmp_path: Path, provider: str, certificate: Path
) -> None:
    with ProviderTwin(tmp_path, tls=_tls(certificate)) as twin:
        with pytest.raises(ProviderUnavailable, match="certificate verify failed"):
            open_at(twin, provider).ask(REQUEST, KEY)
        assert twin.seen == []


def test_a_trusted_server_answers_within_the_deadline_or_not_at_all(
    tmp_path: Path, provider: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    manners = Manners(faults=(Fault("trickle", at=2),))
    with ProviderTwin(tmp_path, manners, tls=_tls(certificate)) as twin:
        model = open_at(twin, provider, read_s=60, deadline_s=0.8)
        assert model.ask(REQUEST, KEY).text
        with pytest.raises(ProviderSilent):
            model.ask(REQUEST, KEY)
