"""Any other address: what a page, or a picture, sound or PDF behind a URL, says of its own licence.

Read, of a page: rel=license and CC REL (RDFa), the sentence around a Creative Commons link, JSON-LD and microdata of schema.org, Dublin Core
and other meta elements; of any answer: `Link` headers and opt-outs (`auditor.signals`); of media: what is embedded. A link that may be
of another picture, of a reader's comment or of a site's software is not said of the page: when it is not clear, it is not said.

A media file is asked for its first bytes only, a PNG or WebP that says nothing there for its last ones too, a PDF, TIFF, MP4 or HEIF for the ranges
that its readers name (`_media_ranges`); of those its metadata segments are kept.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _media_ranges
from auditor.sources import _replies as replies
from auditor.sources._html_links import joined
from auditor.sources._media_parts import AT_FRONT, BEHIND, HEAD, NAME, TAIL, kind

SUMMARY = "any web page or media file by its URL: licence links, markup, embedded metadata, opt-outs"
ORIGINS = ("web:",)
NOT_FOUND = re.compile(
    r"^\W*(?:error\W+)?404\b|\bnot found\W*$|^(?:page|file|site) not found\b|\b404 not found\b", re.IGNORECASE
)
META = re.compile(r"^(?:(?:dc|dct|dcterms|cc|og|schema)[.:])?(?:rights|licen[sc]e|rights\.licen[sc]e)$", re.IGNORECASE)


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the answer for each URL; of media the metadata of its first bytes, and where these say nothing, of others."""
    behind: list[Ask] = []
    anywhere: list[Ask] = []
    for page in get.each(_ask(key) for key in keys):
        if _media_ranges.wants(page) or (_cut_media(page) and _media_ranges.anywhere(page.body or b"")):
            anywhere.append(_ask(replies.keys(page)[0], media=True))
        elif ask := _behind(page):
            behind.append(ask)
        else:
            yield page
    yield from get.each(behind)
    yield from _media_ranges.whole(anywhere, get)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one answer."""
    return iter(claims(_rows(page)))


def _ask(key: str, media: bool = False) -> Ask:
    url = key.removeprefix(ORIGINS[0])
    media = media or NAME.search(_split(url).path) is not None
    return Ask(url, "webpage", {"keys": [key]}, first=HEAD if media else None)


def _behind(page: Page) -> Ask | None:
    """Return the request for the last bytes of a media file whose metadata may stand there, or None."""
    body = page.body or b""
    sort = kind(body)
    if sort not in BEHIND or page.status != 206 or not _is_cut(page, body) or _stated_in(_rows(page)):
        return None
    keys = replies.keys(page)
    return Ask(keys[0].removeprefix(ORIGINS[0]), "webpage", {"keys": keys, "kind": sort}, last=TAIL)


def _rows(page: Page) -> list[replies.Row]:
    reason = _placeholder(page) or replies.why(page)
    if reason and not _cut_media(page):
        return replies.errors(page, reason)
    base = {
        "item_id": replies.keys(page)[0],
        "row": 0,
        "item_url": page.locator,
        "authority": "host",
        "place": "webpage",
    }
    return said_by(page, base)


def _split(url: str) -> SplitResult:
    """Return a URL's parts; all in its path where it is none (`http://[`)."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def _cut_media(page: Page) -> bool:
    """Say whether an answer was too long to be had whole, and is media: its metadata stand at its front."""
    return page.context.get("failure_kind") == "size" and kind(page.body or b"") is not None


def said_by(page: Page, base: replies.Row) -> list[replies.Row]:
    """Return the claims of an answer of any kind; one without a statement where nothing is said."""
    from auditor.sources import _media_said

    body = page.read()
    headers = _headers(page)
    linked = list(_linked(headers.get("link"), _final(page)))
    if kind(body) or _is_last(page):
        stream = _media_ranges.opened(page)
        found, signals, broken = _media_said.of_stream(stream)
        missed = _media_ranges.missed(stream)
        cut = _is_cut(page, body) if missed is None else missed
        if missed or (not _stated_in(linked + found) and (broken or cut)):  # what was not read may restrict what was
            asked, where = ("its first and last bytes", "between") if _is_last(page) else ("its first bytes", "behind")
            asked, where = ("some parts of it", "between") if "pieces" in page.context else (asked, where)
            ours = f"only {asked} were asked for, and its metadata may stand {where} them"
            why = ours if cut else broken
            return [base | {"error": f"not reached: {page.locator} could not be read to its metadata ({why})."}]
        found = [{"kind": kind(body)} | f | {"authority": "embedded"} for f in found]
    elif _is_html(page, body):
        found, signals = html(body, _final(page), headers.get("content-type"))
    else:
        found, signals = [], {}
    base = base | {"signals": _signals(page, headers, signals)}
    rows = [_with(base, f) for f in linked + found]
    return _unique(_stated_in(rows) or rows) or [base]


def _stated_in(rows: list[replies.Row]) -> list[replies.Row]:
    return [r for r in rows if r.get("license_text") or r.get("license_url")]


def _is_last(page: Page) -> bool:
    """Say whether only a file's last bytes were asked for."""
    return page.slice is not None and "last" in page.slice


def _is_cut(page: Page, body: bytes) -> bool:
    """Say whether more of a media file may hold metadata than its first bytes."""
    if _is_last(page):
        return True
    if kind(body) == "webp" and not (body[12:16] == b"VP8X" and body[20] & 0b1100):
        return False  # neither EXIF nor XMP (RFC 9649, section 2.7)
    came = page.context.get("received", {}).get("bytes", len(body))
    return kind(body) not in AT_FRONT and (came >= HEAD or bool(page.context.get("cut")))


def html(body: bytes, url: str, content_type: str | None = None) -> tuple[list[replies.Row], dict[str, Any]]:
    """Return what a page says of its own licence, and its opt-outs."""
    from auditor import signals
    from auditor.sources import _html_data, _html_links
    from auditor.sources._rdf import STATEMENT

    root = tree(body, content_type)
    if root is None:
        return [], {}
    title = _title(root)
    if title and NOT_FOUND.search(title):
        return [{"title": title, "error": f"gone: the page's title is {title!r}."}], {}
    if _shows_a_file(root):
        return [{"title": title}], signals.of_html(root)
    found: list[replies.Row] = [
        {"license_url": u, "license_text": t if t and STATEMENT.search(t) else None, "place": "rel=license"}
        for u, t in _html_links.links(root, url)
    ]
    found += _microdata(root, url)
    found += _html_data.statements(root, url)
    found += _meta(root, url)
    found = found or [
        {"license_url": u, "license_text": t, "place": "text"} for u, t in _html_links.sentences(root, url)
    ]
    creator = _html_links.attributed(root) or _content(root, "author")
    known: replies.Row = {"title": title, "creator": creator, "copyright_text": _content(root, "copyright")}
    origins = _html_links.sources(root, url)
    known |= {"was_derived_from": origins} if origins else {}
    return [known | {k: v for k, v in f.items() if v} for f in found] or [known], signals.of_html(root)


def _shows_a_file(root: Any) -> bool:
    """Say whether a page is a MediaWiki's on a file (namespace 6): its licence links are of the wiki's text, not of the file."""
    return any("ns-6" in (body.get("class") or "").split() for body in root.iter("body"))


def tree(body: bytes, content_type: str | None) -> Any:
    """Parse HTML as it stands; None where there is nothing in it."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    charset = re.search(r"charset=[\"']?([\w-]+)", content_type or "", re.IGNORECASE)
    encoding = charset[1] if charset else None
    if encoding is None and not re.search(rb"<meta[^>]+charset", body[:4096], re.IGNORECASE):
        encoding = _utf8(body)
    for one in (encoding, None):
        try:
            return document_fromstring(body, parser=HTMLParser(encoding=one, no_network=True, remove_comments=True))
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            return None
        except LookupError:
            continue
    return None


def _utf8(body: bytes) -> str | None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > len(body) - 4 else None
    return "utf-8"


def _microdata(root: Any, url: str) -> Iterator[replies.Row]:
    """Yield itemprop=license of the page's own item: its only top-level one, no picture."""
    from auditor.sources import _html_links as links

    tops = root.xpath("//*[@itemscope and not(@itemprop)]")
    own = [n for n in tops if links.OWN_TYPES.search(n.get("itemtype") or "")]
    for node in root.xpath("//*[@itemprop]") if len(own) == 1 else ():
        scope = next((a for a in node.iterancestors() if a.get("itemscope") is not None), None)
        if "license" in node.get("itemprop").split() and scope is own[0] and links.of_the_page(node, url):
            value = node.get("href") or node.get("content") or links.line(node)
            yield {"place": "microdata", **_stated(value, url)}


def _meta(root: Any, url: str) -> Iterator[replies.Row]:
    """Yield what meta and link elements of the head state: Dublin Core's rights and license, and names like it."""
    from auditor.sources._rdf import STATEMENT

    for node in root.iter("meta", "link"):
        name = (node.get("name") or node.get("property") or node.get("rel") or "").strip()
        value = " ".join((node.get("content") or node.get("href") or "").split())
        if not META.match(name) or not value or (node.tag == "link" and name.lower() in ("license", "licence")):
            continue
        if STATEMENT.search(value) or "licen" in name.lower():
            yield {"place": "meta", **_stated(value, url)}
        else:
            yield {"place": "meta", "copyright_text": value}


def _stated(value: str | None, url: str) -> replies.Row:
    if value and re.match(r"(?:https?:)?//\S+$", value.strip()):
        return {"license_url": joined(url, value.strip())}
    return {"license_text": value}


def _title(root: Any) -> str | None:
    from auditor.sources._html_links import line

    titles = [line(n) for n in root.iter("title")]
    return _content(root, "og:title") or next((t for t in titles if t), None)


def _content(root: Any, name: str) -> str | None:
    for node in root.iter("meta"):
        if (node.get("property") or node.get("name") or "").lower() == name:
            return replies.text(node.get("content"))
    return None


def _headers(page: Page) -> dict[str, str]:
    return {k.lower(): v for k, v in page.context.get("headers", {}).items()}


def _is_html(page: Page, body: bytes) -> bool:
    media = (page.media_type or "").split(";")[0].strip().lower()
    if media in ("text/html", "application/xhtml+xml"):
        return True
    return not media and bool(
        re.match(
            rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|title|meta)", body[:2048], re.IGNORECASE | re.DOTALL
        )
    )


def _final(page: Page) -> str:
    """Return the address that answered, after redirects."""
    hops = page.context.get("hops") or []
    return str(hops[-1][1]) if hops else page.locator


def _linked(header: str | None, url: str) -> Iterator[replies.Row]:
    """Yield what `Link: <…>; rel="license"` headers state of the answer itself (RFC 8288); an `anchor` is of something else."""
    from auditor import signals

    for link in signals.links(header or ""):
        if "license" in link["rel"].split() and "anchor" not in link and "rsl" not in link.get("type", "").lower():
            yield {"license_url": joined(url, link["url"]), "license_text": link.get("title"), "place": "link-header"}


def _placeholder(page: Page) -> str | None:
    """Say that what answered is not what was asked for: a host's picture for what is gone, its front page, a page for a picture."""
    asked, final = _split(page.locator), _split(_final(page))
    if (
        page.context.get("hops")
        and final.path in ("", "/")
        and not final.query
        and (asked.path not in ("", "/") or asked.query)
    ):
        return f"placeholder: {page.locator} leads to its host's front page, {_final(page)}."
    if NAME.search(asked.path) and 200 <= page.status < 300 and _is_html(page, page.body or b""):
        return f"placeholder: {page.locator} answers with a web page where a media file was asked for."
    for _, url in page.context.get("hops") or []:
        for sign, host in _placeholders():
            if sign.match(str(url)):
                return f"placeholder: {page.locator} leads to {url}, which {host} shows for what is gone."
    return None


@cache
def _placeholders() -> tuple[tuple[re.Pattern[str], str], ...]:
    from auditor.licensing import tables

    rows = tables.rows("hosts/placeholders.tsv", "manifests")
    return tuple((re.compile(r["pattern"], re.IGNORECASE), r["host"]) for r in rows)


def _signals(page: Page, headers: dict[str, str], found: dict[str, Any]) -> str | None:
    """Return the opt-outs of site, answer and content together: of one name, the nearer to the item counts."""
    from auditor import signals

    return signals.as_json(page.context.get("site", {}) | signals.of_headers(headers) | found)


def _with(base: replies.Row, found: replies.Row) -> replies.Row:
    return base | {k: v for k, v in found.items() if v is not None}


def _unique(rows: list[replies.Row]) -> list[replies.Row]:
    """Return rows that state something new; the same URL twice (a button and its words) is one statement."""
    kept: dict[tuple[Any, ...], replies.Row] = {}
    for row in rows:
        kept.setdefault(
            (row.get("license_url"), None if row.get("license_url") else row.get("license_text"), row.get("scope")), row
        )
    return list(kept.values())
