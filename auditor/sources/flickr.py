"""Photos and videos at Flickr: what its API says of each, and of the licences it had before.

With a key: flickr.photos.getInfo and flickr.photos.licenses.getLicenseHistory, two requests a photo. Without one: oEmbed, which
has the licence and the owner, else the photo's page; no history. Licences are Flickr's numbers, or its names beside their URLs
(vocabulary `flickr`). A photo that the API does not find is deleted, or not public: it does not say which.

A change in the history gives the licence before it, as of its last second, and the new one as of the change; the first
licence of a photo that never had another stands there as `old_license` with an empty `new_license`.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.origins import BASE58
from auditor.schema import Page, claims
from auditor.sources import _replies as replies

SUMMARY = "Flickr: licence, licence history, title and owner of photos and videos"
ORIGINS = ("flickr:photo:",)
INFO, HISTORY = "flickr.photos.getInfo", "flickr.photos.licenses.getLicenseHistory"
NOT_FOUND, DENIED = "1", "2"  # the API's error codes


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answers for photos: of the API where there is a key, else of oEmbed or the photo's page."""
    if get.key("flickr"):
        yield from get.each(ask for key in keys for ask in _api(key, get))
        return
    for page in get.each(_oembed(key, get) for key in keys):
        yield page if _says(page) else get.one(_page(replies.keys(page)[0], get))


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one answer."""
    return iter(claims(_rows(page)))


def _api(key: str, get: Get) -> Iterator[Ask]:
    base, photo = get.base("flickr", "https://api.flickr.com"), key.removeprefix(ORIGINS[0])
    for method in (INFO, HISTORY):
        url = f"{base}/services/rest/?method={method}&photo_id={quote(photo, safe='')}"
        yield Ask(url, "flickr", {"keys": [key], "form": method})


def _oembed(key: str, get: Get) -> Ask:
    base = get.base("flickr", "https://www.flickr.com")
    short = quote(f"https://flic.kr/p/{_short(key.removeprefix(ORIGINS[0]))}", safe="")
    return Ask(f"{base}/services/oembed?url={short}&format=json", "flickr", {"keys": [key], "form": "oembed"})


def _page(key: str, get: Get) -> Ask:
    base = get.base("flickr", "https://www.flickr.com")
    return Ask(f"{base}/photo.gne?id={key.removeprefix(ORIGINS[0])}", "flickr", {"keys": [key], "form": "page"})


def _short(photo: str) -> str:
    """Return the id in a photo's short URL: its number in base 58."""
    number, said = int(photo), ""
    while number:
        number, digit = divmod(number, 58)
        said = BASE58[digit] + said
    return said


def _says(page: Page) -> bool:
    """Say whether an oEmbed answer speaks of a licence, or is the final word on a photo that is not public."""
    if page.status in (401, *replies.GONE):
        return True
    found = None if replies.why(page) else replies.decoded(page)
    return isinstance(found, dict) and ("license_id" in found or "license_url" in found)


def _rows(page: Page) -> list[replies.Row]:
    form = page.context.get("form")
    reason = _private(page) or replies.why(page)
    if form == HISTORY:
        return [] if reason else _history(page)
    if reason:
        return replies.errors(page, reason)
    return {"oembed": _of_oembed, "page": _of_page}.get(str(form), _of_info)(page)


def _private(page: Page) -> str | None:
    """Name what oEmbed answers for a photo that is not public (oEmbed 1.0, section 2.3.4.1: 401)."""
    of_it = page.context.get("form") == "oembed" and page.status == 401
    return f"private: {page.locator} answers 401, not public." if of_it else None


def _answer(page: Page) -> Element | str:
    """Return the `rsp` element of an answer of the API, or the sentence why there is none."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(page.read())
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return f"not reached: {page.locator} answers with something that is not Flickr's XML."
    failed = root.find("err")
    if failed is None:
        return root
    code, message = failed.get("code", ""), failed.get("msg", "")
    if code == NOT_FOUND:
        return f"gone: Flickr answers {message!r}: deleted, or not public."
    return f"{'private' if code == DENIED else 'not reached'}: Flickr answers {message!r} (code {code})."


def _of_info(page: Page) -> list[replies.Row]:
    root = _answer(page)
    photo = root if isinstance(root, str) else root.find("photo")
    if photo is None or isinstance(photo, str):
        return replies.errors(page, photo or f"not reached: {page.locator} answers without a photo.")
    owner = photo.find("owner")
    known = {} if owner is None else owner.attrib
    row = _row(page, photo.get("media"))
    row["item_url"] = replies.text(photo.findtext("urls/url"))
    row["title"] = replies.text(photo.findtext("title"))
    row["creator"] = replies.text(known.get("realname")) or replies.text(known.get("username"))
    return [row | {"license_text": replies.text(photo.get("license"))}]


def _history(page: Page) -> list[replies.Row]:
    """Return a claim for each licence that a photo once had, or changed to."""
    root = _answer(page)
    if isinstance(root, str):
        return []
    rows, base = [], _row(page)
    for place, change in enumerate(root.iter("license_history")):
        moment = change.get("date_change", "")
        changed = bool(change.get("new_license"))
        before = str(int(moment) - 1) if changed and moment.isdigit() else moment
        if place == 0:
            rows.append(base | _named(change, "old") | {"as_of": replies.day(before)})
        if changed:
            rows.append(base | _named(change, "new") | {"as_of": replies.day(moment)})
    return [r for r in rows if r["as_of"] and (r["license_text"] or r["license_url"])]


def _named(change: Element, which: str) -> replies.Row:
    name, url = change.get(f"{which}_license"), change.get(f"{which}_license_url")
    return {"license_text": replies.text(name), "license_url": replies.text(url)}


def _of_oembed(page: Page) -> list[replies.Row]:
    found = replies.decoded(page)
    if not isinstance(found, dict):
        return replies.errors(page, replies.not_json(page))
    row = _row(page, replies.text(found.get("type")))
    row["item_url"], row["title"] = replies.text(found.get("web_page")), replies.text(found.get("title"))
    row["creator"] = replies.text(found.get("author_name"))
    text = replies.first([found.get("license_id"), found.get("license")])
    return [row | {"license_text": text, "license_url": replies.text(found.get("license_url"))}]


def _of_page(page: Page) -> list[replies.Row]:
    """Return the licence that a photo's page shows: its link of class `photo-license-url`, with the words in it."""
    from auditor.sources._html_links import line
    from auditor.sources.webpage import tree

    root = tree(page.read(), page.media_type)
    row = _row(page) | {"item_url": page.locator}
    for link in root.iter("a") if root is not None else ():
        if "photo-license-url" in (link.get("class") or "").split():
            url = (link.get("href") or "").strip()
            stated = {"license_url": url} if "creativecommons.org" in url else {}
            return [row | {"license_text": line(link)} | stated]
    return replies.errors(page, f"not reached: {page.locator} answers with a page that shows no photo's licence.")


def _row(page: Page, kind: str | None = None) -> replies.Row:
    key = replies.keys(page)[0]
    return {"item_id": key, "row": 0, "kind": kind, "vocabulary": "flickr", "authority": "host", "place": "flickr"}
