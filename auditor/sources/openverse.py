"""Pictures and sounds that Openverse knows: what its API says of each, with the address at the host it comes from.

Openverse is an aggregator: what it says of a licence it took from another host, and that host's page ranks above it. Licences are
elements with a version beside them (vocabulary `openverse`).
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _replies as replies

SUMMARY = "Openverse: licence, creator and origin of pictures and sounds"
ORIGINS = ("openverse:image:", "openverse:audio:")
PATHS = {"image": "images", "audio": "audio"}


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answer for each work."""
    base = get.base("openverse", "https://api.openverse.org")
    yield from get.each(Ask(f"{base}/v1/{_path(key)}/", "openverse", {"keys": [key]}) for key in keys)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claim of one answer."""
    return iter(claims(_rows(page)))


def _path(key: str) -> str:
    _, kind, number = key.split(":", 2)
    return f"{PATHS[kind]}/{quote(number, safe='')}"


def _rows(page: Page) -> list[replies.Row]:
    reason = replies.why(page)
    found = None if reason else replies.decoded(page)
    if not isinstance(found, dict):
        return replies.errors(page, reason or replies.not_json(page))
    key = replies.keys(page)[0]
    origin = replies.text(found.get("foreign_landing_url"))
    text = replies.text(found.get("license"))
    row = {
        "item_id": key,
        "row": 0,
        "item_url": origin,
        "title": replies.text(found.get("title")),
        "creator": replies.text(found.get("creator")),
        "kind": key.split(":")[1],
        "license_text": text,
        "license_url": replies.text(found.get("license_url")),
        "license_version": replies.text(found.get("license_version")),
        "vocabulary": "openverse" if text else None,
        "authority": "aggregator",
        "place": "openverse",
        "was_derived_from": [origin] if origin else None,
    }
    return [row]
