"""Sounds at Freesound: what its API says of each; without a key, what the sound's page says.

Licences are addresses of Creative Commons with their version. Many sounds are asked for at once by a search for their ids; one that a
search does not give is asked for by itself before it is called gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _replies as replies

SUMMARY = "Freesound: licence, uploader and title of sounds"
ORIGINS = ("freesound:sound:",)
FIELDS = "id,url,name,username,license,type,created"
BATCH = 100  # sounds a search; its pages hold up to 150


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answers for sounds: of searches by id and of single sounds where there is a key, else their pages."""
    if not get.key("freesound"):
        yield from get.each(_page(key, get) for key in keys)
        return
    for page in get.each(_search(some, get) for some in replies.batches(keys, BATCH)):
        yield page
        missing = [k for k in replies.keys(page) if k not in _sounds(page)] if _is_answer(page) else []
        yield from get.each(_single(key, get) for key in missing)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one answer."""
    return iter(claims(_rows(page)))


def _search(keys: list[str], get: Get) -> Ask:
    base = get.base("freesound", "https://freesound.org")
    ids = " OR ".join(k.removeprefix(ORIGINS[0]) for k in keys)
    asked = {"query": "", "filter": f"id:({ids})", "fields": FIELDS, "page_size": "150"}
    return Ask(
        f"{base}/apiv2/search/?{urlencode(asked, quote_via=quote)}", "freesound", {"keys": keys, "form": "search"}
    )


def _single(key: str, get: Get) -> Ask:
    base, number = get.base("freesound", "https://freesound.org"), key.removeprefix(ORIGINS[0])
    return Ask(f"{base}/apiv2/sounds/{number}/?fields={FIELDS}", "freesound", {"keys": [key], "form": "sound"})


def _page(key: str, get: Get) -> Ask:
    base = get.base("freesound", "https://freesound.org")
    return Ask(f"{base}/s/{key.removeprefix(ORIGINS[0])}/", "freesound", {"keys": [key], "form": "page"})


def _is_answer(page: Page) -> bool:
    """Say whether an answer is what its request documents: a sound, or a list of some."""
    found = None if replies.why(page) else replies.decoded(page)
    return isinstance(found, dict) and ("license" if page.context.get("form") == "sound" else "results") in found


def _sounds(page: Page) -> dict[str, Mapping[str, Any]]:
    """Return key -> sound of a search's or a single sound's answer."""
    found = replies.decoded(page)
    every = [found] if page.context.get("form") == "sound" else replies.named(found, "results")
    sounds = [s for s in every if isinstance(s, dict)] if isinstance(every, list) else []
    return {f"{ORIGINS[0]}{s.get('id')}": s for s in sounds}


def _rows(page: Page) -> list[replies.Row]:
    reason = replies.why(page)
    if reason:
        return replies.errors(page, reason)
    if page.context.get("form") == "page":
        from auditor.sources.webpage import said_by

        said = said_by(page, _row(replies.keys(page)[0], 0) | {"item_url": page.locator})
        if any(r.keys() & {"license_text", "license_url", "error"} for r in said):
            return said
        why = f"not reached: {page.locator} names no licence that can be read: set FREESOUND_API_KEY to ask the API."
        return replies.errors(page, why)
    if not _is_answer(page):
        return replies.errors(page, replies.not_json(page))
    sounds = _sounds(page)
    return [_claim(sounds[key], key, row) for row, key in enumerate(replies.keys(page)) if key in sounds]


def _claim(sound: Mapping[str, Any], key: str, row: int) -> replies.Row:
    url = replies.text(sound.get("license"))
    stated = {"license_url": url} if url and "://" in url else {"license_text": url}
    return _row(key, row) | {
        "item_url": replies.text(sound.get("url")),
        "title": replies.text(sound.get("name")),
        "creator": replies.text(sound.get("username")),
        **stated,
    }


def _row(key: str, row: int) -> replies.Row:
    return {"item_id": key, "row": row, "kind": "sound", "authority": "host", "place": "freesound"}
