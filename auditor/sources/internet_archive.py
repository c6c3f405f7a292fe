"""Items at the Internet Archive: what its metadata API says of each: `licenseurl`, `rights`, `possible-copyright-status`.

An item that does not exist is an empty object; one that was withdrawn says `is_dark`. Whoever uploaded an item says what its licence
is: the archive does not check it. A collection's own rights are not its items'.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _replies as replies

SUMMARY = "Internet Archive: licence, rights and creator of items"
ORIGINS = ("internet-archive:item:",)
STATED = ("license", "rights", "possible-copyright-status")  # words; `licenseurl` is an address


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the metadata of each item."""
    base = get.base("internet_archive", "https://archive.org")
    yield from get.each(
        Ask(
            f"{base}/metadata/{quote(k.removeprefix(ORIGINS[0]), safe='')}",
            "internet_archive",
            {"keys": [k]},
            most=8 << 20,
        )
        for k in keys
    )


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one item: one a statement."""
    return iter(claims(_rows(page)))


def _rows(page: Page) -> list[replies.Row]:
    reason = replies.why(page)
    found = None if reason else replies.decoded(page)
    if not isinstance(found, dict):
        return replies.errors(page, reason or replies.not_json(page))
    key = replies.keys(page)[0]
    name = key.removeprefix(ORIGINS[0])
    if not found:
        return replies.errors(page, f"gone: the Internet Archive has no item {name}.")
    if found.get("is_dark"):
        return replies.errors(page, f"gone: the Internet Archive withdrew {name} (is_dark).")
    known = found.get("metadata")
    if not isinstance(known, dict):
        return replies.errors(page, replies.not_json(page))
    base = {
        "item_id": key,
        "row": 0,
        "item_url": f"https://archive.org/details/{name}",
        "title": replies.first(_listed(known.get("title"))),
        "creator": "; ".join(t for t in map(replies.text, _listed(known.get("creator"))) if t) or None,
        "kind": replies.first(_listed(known.get("mediatype"))),
        "authority": "host",
        "place": "archive.org",
    }
    said = [{"license_url": u} for u in map(replies.text, _listed(known.get("licenseurl"))) if u]
    said += [{"license_text": t} for n in STATED for t in map(replies.plain, _listed(known.get(n))) if t]
    return [base | s for s in said] or [base]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
