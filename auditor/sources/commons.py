"""Files at Wikimedia Commons and other Wikimedia wikis: what their API says of each (imageinfo's extmetadata), up to 50 a request.

A file that a Wikipedia shows may lie at Commons: its API answers for it all the same. Of a file with several licences extmetadata
names one, its best (the extension CommonsMetadata, `getLicenses`); statements are names of licences and templates (vocabulary `commons`).
Moved files are followed through their redirect. An answer that is not complete goes on (`continue`) until it is. Where the templates of a
file name no licence, its structured data are asked for: copyright license (P275), several are alternatives (vocabulary `wikidata`).

An answer that was kept as a file is a dataset of the files it speaks of: one answer, one of its pages or of its imageinfo, or one a line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.licensing.wikitext import banning, doubtful, riding
from auditor.origins import canonical
from auditor.schema import Page, claims
from auditor.sources import _replies as replies
from auditor.sources import _wikibase as wikibase
from auditor.sources._answers import documents, file_page, is_answer
from auditor.target import Target

SUMMARY = "Wikimedia Commons and other Wikimedia wikis: licence, author and title of files; their API's answers as JSON"
HOSTED = True
ORIGINS = ("commons:file:", "wikipedia:", "wikimedia:")
PROSE = ("UsageTerms", "Permission", "ImageDescription", "Credit", "Attribution")  # may say what takes the licence back
BATCH, ROUNDS = 50, 50  # titles a request (for clients without higher limits); continuations of one answer
ASKED = {
    "action": "query",
    "format": "json",
    "prop": "imageinfo",
    "iiprop": "url|mediatype|extmetadata",
    "iiextmetadatalanguage": "en",
    "redirects": "1",
}


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answers for files, in batches of one wiki each; keys are read ahead as far as batches need."""
    for page in get.each(_asks(keys, get)):
        yield page
        for _ in range(ROUNDS):
            more = _more(page)
            if more is None:
                break
            page = get.one(more)
            yield page
        if bare := _bare(page):
            yield get.one(_entities(page, bare))


def knows(target: Target) -> float:
    """A kept answer: pages of files, or the imageinfo of one."""
    info = (b'"extmetadata"', b'"imageinfo"', b'"descriptionurl"')
    if re.match(rb'\s*\{\s*"log"', target.head):  # answers inside a recording of a browser (HAR)
        return 0.0
    if is_answer(target, info, info):
        return 0.9
    of_files = (b'"title":"File:', b'"title": "File:', b'"ns":6', b'"ns": 6')
    return 0.8 if is_answer(target, (b'"pageid"',), of_files) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield a kept answer as one page."""
    yield file_page("commons", target, get).with_(context={"form": "file"})


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one answer: in the order of its keys, or of the files that a kept one speaks of."""
    return iter(claims(_kept(page) if page.context.get("form") == "file" else _rows(page)))


def _asks(keys: Iterable[str], get: Get) -> Iterator[Ask]:
    held: dict[str, list[str]] = {}
    for key in keys:
        some = held.setdefault(_wiki(key), [])
        some.append(key)
        if len(some) == BATCH:
            yield from _of_wiki(_wiki(key), held.pop(_wiki(key)), get)
    for wiki, some in held.items():
        yield from _of_wiki(wiki, some, get)


def _of_wiki(wiki: str, keys: list[str], get: Get) -> Iterator[Ask]:
    base = get.base("commons", f"https://{wiki}")
    of_title = {_title(k): k for k in keys}
    for titles in replies.batches(of_title, BATCH):
        asked = urlencode(ASKED | {"titles": "|".join(titles)}, quote_via=quote)
        yield Ask(f"{base}/w/api.php?{asked}", "commons", {"keys": [of_title[t] for t in titles]})


def _more(page: Page) -> Ask | None:
    """Return the request for the rest of an answer that is not complete."""
    found = None if replies.why(page) else replies.decoded(page)
    on = replies.named(found, "continue")
    if not isinstance(on, dict):
        return None
    start = page.context.get("start") or page.locator
    context = {"keys": replies.keys(page), "start": start, "rest": True}
    return Ask(f"{start}&{urlencode(on, quote_via=quote)}", "commons", context)


def _bare(page: Page) -> dict[str, str]:
    """Return MediaInfo id -> key of the files at Commons that an answer names no licence of."""
    found = None if replies.why(page) else replies.decoded(page)
    query = replies.named(found, "query")
    if not isinstance(query, dict):
        return {}
    of_title = {_resolved(_title(k), query): k for k in replies.keys(page) if _wiki(k).startswith("commons.")}
    bare = {}
    for one in _pages(query):
        claim = _claim(one, str(one.get("title")), "")
        if claim and not claim.keys() & {"error"} and not (claim["license_text"] or claim["license_url"]):
            bare[f"M{one.get('pageid')}"] = of_title.get(str(one.get("title")), "")
    return {m: k for m, k in bare.items() if k}


def _entities(page: Page, bare: Mapping[str, str]) -> Ask:
    base = str(page.context.get("start") or page.locator).split("?", 1)[0]
    asked = urlencode({"action": "wbgetentities", "format": "json", "ids": "|".join(bare)}, quote_via=quote)
    return Ask(f"{base}?{asked}", "commons", {"keys": list(bare.values()), "ids": list(bare)})


def _wiki(key: str) -> str:
    """Return the host of a key's wiki."""
    project, _, rest = key.partition(":")
    language = "commons" if project == "commons" else rest.partition(":")[0]
    return f"{language}.{'wikimedia' if project == 'commons' else project}.org"


def _title(key: str) -> str:
    return "File:" + key.split(":file:", 1)[1]


def _pages(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    pages = query.get("pages")
    every = pages.values() if isinstance(pages, dict) else pages if isinstance(pages, list) else ()
    return [p for p in every if isinstance(p, dict)]


def _structured(page: Page) -> Iterator[replies.Row]:
    """Yield the licences of structured data; what they do not say is said already, so nothing here is an error."""
    found = None if replies.why(page) else replies.decoded(page)
    for row, (key, number) in enumerate(zip(replies.keys(page), page.context["ids"], strict=True)):
        licenses = wikibase.licenses(replies.named(found, "entities", number, "statements"))
        if licenses:
            base = {"item_id": key, "row": row, "authority": "host", "place": "commons: structured data"}
            yield base | {"license_text": licenses, "vocabulary": "wikidata"}


def _rows(page: Page) -> Iterator[replies.Row]:
    if "ids" in page.context:
        yield from _structured(page)
        return
    found = None if replies.why(page) else replies.decoded(page)
    query = replies.named(found, "query")
    if not isinstance(query, dict):
        yield from replies.errors(page, replies.why(page) or _refusal(page, found))
        return
    by_title = {str(p.get("title")): p for p in _pages(query)}
    for row, key in enumerate(replies.keys(page)):
        title = _resolved(_title(key), query)
        base = {"item_id": key, "row": row, "authority": "host", "place": "commons"}
        claim = _claim(by_title.get(title), title, _wiki(key))
        if claim is None and not page.context.get("rest") and "continue" not in (found or {}):
            claim = {"error": f"not reached: {_wiki(key)} says nothing of {title}."}
        if claim is not None:
            yield base | claim
            yield from (base | more for more in _beside(by_title.get(title)))


def _kept(page: Page) -> Iterator[replies.Row]:
    """Yield the claims of a kept answer; what it says of one file in several places (`continue`) is brought together."""
    every = [f for document in documents(page) for f in _files(document)]
    keys = {str(one.get("title")): _key(one) for one in reversed(every) if _key(one)}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for number, one in enumerate(every):
        name = _key(one) or keys.get(str(one.get("title"))) or one.get("title") or _address(one)
        found.setdefault(str(name or f"{Path(page.locator).name}#{number}"), []).append(one)
    for row, (name, same) in enumerate(found.items()):
        title = str(same[0].get("title") or _address(same[0]) or name)
        base = {"item_id": name, "row": row, "authority": "host", "place": "commons", "title": title}
        origin = {"was_derived_from": [name]} if name.startswith(ORIGINS) else {}
        for one in [o for o in same if o.get("imageinfo")] or same[:1]:
            yield base | (_claim(one, title, "its wiki") or {}) | origin
            yield from (base | more for more in _beside(one))


def _key(one: Mapping[str, Any]) -> str | None:
    return canonical(_address(one) or "")


def _files(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the pages of files that a JSON value holds: an answer's, one alone, or the imageinfo of one."""
    query = replies.named(document, "query")
    every = _pages(query) if isinstance(query, dict) else document if isinstance(document, list) else [document]
    for one in every:
        if not isinstance(one, dict):
            continue
        if "extmetadata" in one or "descriptionurl" in one:
            yield {"imageinfo": [one]}
        elif "imageinfo" in one or one.get("ns") == 6 or str(one.get("title")).startswith("File:"):
            yield one


def _address(one: Mapping[str, Any]) -> str | None:
    info = one.get("imageinfo")
    said = info[0] if isinstance(info, list) and info else None
    return replies.text(replies.named(said, "descriptionurl"))


def _refusal(page: Page, found: object) -> str:
    said = replies.text(replies.named(found, "error", "info"))
    return f"not reached: {page.locator.split('?')[0]} answers {said!r}." if said else replies.not_json(page)


def _resolved(title: str, query: Mapping[str, Any]) -> str:
    """Return the title that the answer uses for one that was asked: normalized, then through its redirects."""
    for step in ("normalized", "redirects"):
        names = {m.get("from"): m.get("to") for m in query.get(step) or [] if isinstance(m, dict)}
        for _ in range(len(names)):
            if title not in names:
                break
            title = str(names[title])
    return title


def _claim(page: Mapping[str, Any] | None, title: str, wiki: str) -> replies.Row | None:
    """Return what an answer says of one file; None where it says nothing (yet)."""
    if page is None:
        return None
    info = page.get("imageinfo")
    if isinstance(info, list) and info and isinstance(info[0], dict):
        return _of_file(info[0], title)
    if "invalid" in page:
        return {"error": f"not reached: {wiki} takes {title!r} for no title."}
    if "missing" in page:
        return {"error": f"gone: {wiki} has no file {title}."}
    return None


def _of_file(info: Mapping[str, Any], title: str) -> replies.Row:
    if "filehidden" in info or "filemissing" in info:
        return {"error": f"gone: {title} is hidden or missing at its wiki."}
    said = info.get("extmetadata")

    def of(name: str) -> object:
        return replies.named(said, name, "value")

    text = replies.plain(of("LicenseShortName")) or replies.plain(of("UsageTerms"))
    row: replies.Row = {
        "item_url": replies.text(info.get("descriptionurl")),
        "title": replies.plain(of("ObjectName")) or title.removeprefix("File:"),
        "creator": replies.plain(of("Artist")) or replies.plain(of("Attribution")),
        "kind": replies.text(info.get("mediatype")),
        "license_text": text,
        "license_url": _url(of("LicenseUrl")),
        "vocabulary": "commons" if text else None,
    }
    return row | _apart(of("NonFree"), of("DeletionReason"), text)


def _beside(page: Mapping[str, Any] | None) -> Iterator[replies.Row]:
    """Yield what an answer says of a file beside its licence: words of terms in its fields, categories of doubtful files."""
    info = page.get("imageinfo") if page else None
    said = replies.named(info[0], "extmetadata") if isinstance(info, list) and info else None
    for field in PROSE:
        if words := riding(replies.plain(replies.named(said, field, "value")) or ""):
            whose = "host" if banning(words) else "mention"  # what bans a use counts though it could not be read
            yield {"authority": whose, "place": f"commons: {field}", "license_text": words, "vocabulary": None}
    for category in doubtful(str(replies.named(said, "Categories", "value") or "").split("|")):
        yield {"scope": "part", "vocabulary": "commons", "license_text": f"Category:{category}"}


def _url(value: object) -> str | None:
    """Return a licence's URL; a relative one of a wiki's own page is not one."""
    said = replies.text(value)
    return said if said and said.lower().startswith(("http:", "https:")) else None


def _apart(non_free: object, deletion: object, text: str | None) -> replies.Row:
    """Return what overrides a licence's name: `NonFree` (held under fair use), or a reason why the file may be deleted."""
    if str(non_free).lower() == "true":
        return {"license_text": "Non-free file", "license_url": None}
    reason = replies.plain(deletion)
    if reason:
        return {"license_text": f"{text or ''} (proposed for deletion: {reason})".strip()}
    return {}
