"""Credentials: from the environment or the keyring, to their own host only, never written down."""

import os
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote, urlencode

from auditor.fetch import limits
from auditor.fetch.guard import Place, Refused, parsed

HIDDEN = "***"


@cache
def _ring(name: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password("auditor", name)
    except keyring.errors.KeyringError:
        return None
    return found


def value(source: str) -> str | None:
    """Return the credential for a source: environment variable, else keyring (service `auditor`); None where there is none."""
    key = limits.of(source).key
    if key is None:
        return None
    said = (os.environ.get(key.name) or _ring(key.name) or "").strip()
    return said if said and said.isprintable() and said.isascii() else None


def place_of(source: str, place: Place, endpoints: Mapping[str, str]) -> bool:
    """Say whether a place is a source's own: one of its hosts by https, or the endpoint that the user gave."""
    given = endpoints.get(source)
    if given is not None:
        try:
            return parsed(given).origin == place.origin
        except Refused:
            return False
    return place.scheme == "https" and place.port == 443 and place.host in limits.of(source).hosts


def signed(source: str, place: Place, endpoints: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return target and headers that carry the source's credential, where the place is the source's own."""
    key, said = limits.of(source).key, value(source)
    if key is None or said is None or not place_of(source, place, endpoints):
        return place.target, {}
    if key.header:
        return place.target, {key.header: f"{key.scheme} {said}".strip()}
    joined = "&" if "?" in place.target else "?"
    return f"{place.target}{joined}{urlencode({key.parameter or 'key': said})}", {}


def hide(source: str, said: str) -> str:
    """Return text without the source's credential, in case a host gave it back."""
    secret = value(source)
    return said.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN) if secret else said


def hide_bytes(source: str, body: bytes) -> bytes:
    """Return a body without the source's credential."""
    secret = value(source)
    return body.replace(secret.encode(), HIDDEN.encode()) if secret else body
