"""iNaturalist's API answers as files: observations, photos and sounds are works of their own, each with its licence.

Every object that has a `license_code` is an item, wherever it stands; the same photo stands in several places of an
answer and is one item. A code that is null is a statement: all rights reserved (its `attribution` says so).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _inaturalist_dwc as dwc
from auditor.sources import _replies as replies
from auditor.sources._answers import documents, file_page, is_answer, text
from auditor.streams import unpacked
from auditor.target import Target

SUMMARY = "iNaturalist API answers as JSON or Darwin Core: observations, photos and sounds, each with its own licence"
ORIGINS = ("inaturalist:observation:", "inaturalist:photo:")
BATCH = 200  # observations an answer of the API holds at most
MERGE = True  # a photo stands in the answers on its observation, its taxon and the identifications
HOST = "api.inaturalist.org"
MARKS = (
    *(b'"quality_grade"', b'"species_guess"', b'"observation_photos"', b'"iconic_taxon_name"', b'"default_photo"'),
    *(b'"preferred_common_name"', b'"observed_on"', b'"native_photo_id"', b"inaturalist"),
)
WORKS = (
    *(b'"license_code"', b'"native_photo_id"'),
    *(key + end for key in (b'"quality_grade"', b'"species_guess"') for end in (b":", b" :")),  # they are also values
)
SAID = "license_code: null"  # the spelling of licenses/vocabularies/inaturalist.tsv
LOCAL = "LocalPhoto"
SOUNDS, PHOTOS, TAXA = ("sound", "sounds"), ("photo", "photos"), ("default_photo",)
OF_OBSERVATION = ("quality_grade", "observed_on", "species_guess", "observation_photos")
CREDIT = re.compile(
    r"(?:(?:\(c\)|©)\s*(?P<who>[^,]+), )?(?:all|some|no) rights reserved(?: \((?P<code>[^)]*)\))?", re.IGNORECASE
)
HOLDER = re.compile(r"\(c\)\s*(.+?), (?:some|all) rights reserved", re.IGNORECASE | re.DOTALL)


def knows(target: Target) -> float:
    """JSON with keys of the API and a `license_code` or an observation's own key somewhere, its Darwin Core; a URL of the API."""
    if target.url is not None and target.path is None:
        return 0.9 if target.url.hostname == HOST else 0.0
    if dwc.ROOT in target.head and b"inaturalist.org" in target.head:
        return 0.9
    return 0.9 if is_answer(target, MARKS, WORKS) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as it is."""
    page = file_page("inaturalist", target, get)
    yield page.with_(context={"form": dwc.FORM}) if dwc.ROOT in target.head else page


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answers for observations, many at once, and the pages of photos: the API has no photo by its number."""
    yield from get.each(_asks(keys, get))


def _asks(keys: Iterable[str], get: Get) -> Iterator[Ask]:
    site = get.base("inaturalist", "https://www.inaturalist.org")
    held: list[str] = []
    for key in keys:
        if key.startswith(ORIGINS[1]):
            yield Ask(f"{site}/photos/{key.removeprefix(ORIGINS[1])}", "inaturalist", {"keys": [key], "form": "page"})
            continue
        held.append(key)
        if len(held) == BATCH:
            yield _observations(held, get)
            held = []
    if held:
        yield _observations(held, get)


def _observations(keys: list[str], get: Get) -> Ask:
    base = get.base("inaturalist", f"https://{HOST}")
    ids = ",".join(k.removeprefix(ORIGINS[0]) for k in keys)
    url = f"{base}/v1/observations?id={ids}&per_page={BATCH}"
    return Ask(url, "inaturalist", {"keys": list(keys), "form": "observations"}, most=32 << 20)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of every work of an answer: its licence code word for word, its attribution.

    Of an answer that was asked for by keys, the claims of those, or why there are none.
    """
    if "keys" in page.context:
        yield from claims(_followed(page))
        return
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for claim in _said(page):
        key = tuple(v for k, v in claim.items() if k in ("license_text", "license_url", "copyright_text"))
        found.setdefault(claim["item_id"], {}).setdefault(key, claim)
    if not found:
        raise BadInput(f"{page.locator} holds no observation, photo or sound: give an answer that has some.")
    yield from claims(c | {"row": row} for row, said in enumerate(found.values()) for c in said.values())


def _said(page: Page) -> Iterator[dict[str, Any]]:
    if page.context.get("form") != dwc.FORM:
        for document in documents(page):
            yield from _works(document, "", {})
        return
    with unpacked(Path(str(page.path))) as stream:
        for work in dwc.works(stream, page.locator):
            yield work | {"authority": "host", "place": f"inaturalist.org: {work['kind']}"}


def _followed(page: Page) -> Iterator[replies.Row]:
    reason = replies.why(page)
    if reason is None and page.context.get("form") == "page":
        from auditor.sources.webpage import said_by

        key = replies.keys(page)[0]
        base = {"item_id": key, "row": 0, "kind": "photo", "item_url": page.locator, "authority": "host"}
        for said in said_by(page, base | {"place": "inaturalist.org: photo"}):
            yield _by_title(said)
        return
    found = None if reason else replies.decoded(page)
    if not isinstance(replies.named(found, "results"), list):
        yield from replies.errors(page, reason or replies.not_json(page))
        return
    works: dict[str, replies.Row] = {}
    for work in _works(found, "", {}):
        works.setdefault(work["item_id"], work)
    for row, key in enumerate(replies.keys(page)):
        missing = {"item_id": key, "authority": "host", "error": f"gone: iNaturalist shows no observation {key[24:]}."}
        yield works.get(key, missing) | {"row": row}


def _by_title(row: replies.Row) -> replies.Row:
    """Give a photo's page without a licence link the statement in its title: `Photo 1, (c) Ann, all rights reserved`."""
    found = CREDIT.search(row.get("title") or "")
    if found is None or row.keys() & {"license_text", "license_url", "error"}:
        return row
    return row | {"license_text": found["code"] or found[0], "creator": found["who"] or row.get("creator")}


def _works(value: Any, key: str, around: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a claim for each work; `key` is where the object stands, `around` what is known of its observation."""
    if isinstance(value, list):
        for one in value:
            yield from _works(one, key, around)
    if not isinstance(value, dict):
        return
    kind = _kind(value, key)
    if kind == "observation":
        around = {"creator": _user(value), "label": _name(value.get("taxon")), "observation": value.get("id")}
    elif "default_photo" in value:
        around = {"label": _name(value)}
    if kind is not None:
        yield _claim(value, kind, around)
    for name, inner in value.items():
        if isinstance(inner, dict | list):
            yield from _works(inner, name, around)


def _kind(value: dict[str, Any], key: str) -> str | None:
    """Say what work an object is, by the key it stands under, then by its own keys; None for what is no work."""
    if any(k in value for k in OF_OBSERVATION) and ("id" in value or "uuid" in value):
        return "observation"
    if "license_code" not in value and not (key in (*SOUNDS, *PHOTOS, *TAXA) and ("id" in value or "uuid" in value)):
        return None  # a photo whose licence was not asked for is a photo all the same
    if key in SOUNDS or "file_content_type" in value:
        return "sound"
    return "photo of a taxon" if key in TAXA else "photo" if key in PHOTOS or "attribution" in value else "observation"


def _claim(value: dict[str, Any], kind: str, around: dict[str, Any]) -> dict[str, Any]:
    what = "photo" if kind == "photo of a taxon" else kind
    number = next((n for k in ("id", "uuid", "file_url", "url") if (n := text(value.get(k)))), None) or _print(value)
    code, credit = _code(value), text(value.get("attribution"))
    holder = HOLDER.match(credit) if credit else None
    url = _url(value, what, number)
    elsewhere = what == "photo" and url is not None and "inaturalist" not in url  # mostly at Flickr
    return {
        "item_id": f"inaturalist:{what}:{number}",
        "item_url": url,
        "kind": kind,
        "creator": holder[1] if holder else around.get("creator"),
        "label": around.get("label"),
        "license_text": code,
        # Of a photo from elsewhere, as Flickr, the site gives the address of its own version of the licence.
        "license_url": text(value.get("license_url")) if value.get("type", LOCAL) == LOCAL else None,
        "vocabulary": "inaturalist",
        "copyright_text": credit,
        "authority": "aggregator" if elsewhere else "host",
        "place": f"{HOST}: {kind}",
    }


def _code(value: dict[str, Any]) -> str | None:
    """Return the licence's code: an older answer calls an observation's `license`, and gives a photo its number there."""
    for key in ("license_code", "license"):
        said = value.get(key, 0)
        if not isinstance(said, int):
            return text(said) or SAID
    return text(value.get("license_name"))


def _print(value: dict[str, Any]) -> str:
    """Return what tells a work without an id apart: the hash of what is said of it."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:16]


def _url(value: dict[str, Any], what: str, number: str) -> str | None:
    if what == "observation":
        return text(value.get("uri")) or f"https://www.inaturalist.org/observations/{number}"
    return text(value.get("file_url")) or text(value.get("url"))


def _user(observation: dict[str, Any]) -> str | None:
    user = observation.get("user")
    return (text(user.get("name")) or text(user.get("login"))) if isinstance(user, dict) else None


def _name(taxon: Any) -> str | None:
    return text(taxon.get("name")) if isinstance(taxon, dict) else None
