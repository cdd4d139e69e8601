"""Field encryption (AES-256-GCM bound to its row), lookup hashes and signed tokens, all from one secret."""

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
VERSION = b"\x01"


class Sealed(Exception):  # noqa: N818 - it says what is the matter with the bytes
    """The bytes were not sealed with this key for this place."""


class Vault:
    """Keys derived from the service's secret; `open_vault` sets the one in use at start."""

    def __init__(self, secret: str) -> None:
        self._fields = AESGCM(self._derive(secret, b"fields"))
        self._hash_key = self._derive(secret, b"lookup")
        self._sign_key = self._derive(secret, b"sign")

    @staticmethod
    def _derive(secret: str, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=b"qingqiao", info=purpose).derive(secret.encode())

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt a text for one place ("need.text:<id>"); bytes moved to another place do not open."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._fields.encrypt(nonce, text.encode(), place.encode())

    def unseal(self, sealed: bytes, place: str) -> str:
        """Decrypt, or raise Sealed."""
        try:
            nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
            return self._fields.decrypt(nonce, body, place.encode()).decode()
        except (InvalidTag, ValueError) as problem:
            raise Sealed(place) from problem

    def lookup(self, value: str) -> str:
        """Return a keyed hash for finding an exact value (phone, id number) without storing it."""
        return hmac.new(self._hash_key, value.encode(), hashlib.sha256).hexdigest()

    def sign(self, text: str) -> str:
        """Return text plus a signature, safe in a cookie or link."""
        mark = hmac.new(self._sign_key, text.encode(), hashlib.sha256).digest()[:18]
        return f"{text}.{base64.urlsafe_b64encode(mark).decode()}"

    def signed(self, token: str) -> str | None:
        """Return the text of a signed token, or None when the signature is wrong."""
        text, _, _mark = token.rpartition(".")
        return text if text and hmac.compare_digest(self.sign(text), token) else None


def new_token() -> str:
    """Return a fresh unguessable token."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what we store of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


_OPEN: list[Vault] = []


def open_vault(secret: str) -> Vault:
    """Set the vault of this process."""
    _OPEN[:] = [Vault(secret)]
    return _OPEN[0]


def vault() -> Vault:
    """Return the vault of this process; it must have been opened at start."""
    assert _OPEN, "the vault is opened at start"
    return _OPEN[0]
