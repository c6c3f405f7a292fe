"""MediaWiki XML dumps (Wikipedia, Wikidata, Commons, any wiki): one item a `<page>`, whatever its revisions.

Format: https://www.mediawiki.org/xml/export-0.11.xsd and its forerunners to 0.3. The export states no licence: that of
a text comes from `licenses/wikis.toml`, that of a file from the templates on its page, never from the text's.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _mediawiki_files as files
from auditor.sources._mediawiki_claims import claims_of
from auditor.sources._mediawiki_read import blocks, head, kind_of, slices
from auditor.sources._mediawiki_scan import FIELD, Scanner, day_of, redirects, siteinfo
from auditor.sources._mediawiki_wikis import Wiki, not_before
from auditor.target import Target

PYTHON_BOUND = True
SUMMARY = "MediaWiki XML dumps: Wikipedia, Wikidata, Commons and other wikis, a finding per page"
HOLDS = (
    "The items are pages: the text of each, or on a File: page the media file that it describes. "
    "Pictures that articles show are not in a dump; each has a licence of its own."
)
SOURCE = "mediawiki_dump"
ROOT = re.compile(rb"<mediawiki[\s>]|<\0m\0e\0d\0i\0a\0w\0i\0k\0i\0|\0<\0m\0e\0d\0i\0a\0w\0i\0k\0i")
BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # what may stand before it: marks of an encoding, white space
HEAD = 1 << 20  # bytes of XML looked at for siteinfo and the earliest day the dump can be of
WHOLE = 8 << 20  # a file up to this size is looked through for template redirects before it is parsed
FOLDER = re.compile(r"https?://[^/]+(?:/.*)?/([a-z][a-z0-9_]*)/(\d{8})/?(?:dumpstatus\.json)?")


def knows(target: Target) -> float:
    """Return 1 for an export, by its root element or a dump's file names; 0 for anything else."""
    if target.url is not None:
        return 1.0 if FOLDER.fullmatch(target.name) or files.NAME.fullmatch(_last(target.url.path)) else 0.0
    if target.path is None:
        return 0.0
    if target.path.is_file():
        named = files.NAME.fullmatch(target.path.name) is not None
        return 1.0 if named or _is_export(target.head) or _seven(target.path) else 0.0
    return 0.9 if any(True for _ in _dumps(target, tries=8)) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the pages of one file, of a folder's files, or of a dump at a URL; large files in slices."""
    if target.url is not None:
        yield from _from_url(target, get)
    elif target.path is not None and target.path.is_file():
        yield from _pages(Page.of_file(SOURCE, target.path, target.name), target, get, _beside(target.path))
    else:
        yield from _from_folder(target, get)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of a page: one item a `<page>` element, in their order; what ends it early is its last row."""
    context = page.context
    part = page.slice
    wiki = Wiki(context.get("wiki", {}), context.get("dumped"), context.get("rights"))
    assert page.path is not None
    first = (part["number"] << 32) if part else 0
    scanner = Scanner(first, expect_end=part is None or bool(part.get("last")))
    for pages in scanner.pages(blocks(Path(page.path), part)):
        yield claims_of(pages, wiki, context.get("name") or page.locator, context.get("redirects") or {})


def _last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _is_export(first: bytes) -> bool:
    """Say whether what begins so is markup with the root element of an export; programs name it too."""
    return first.lstrip(BEFORE).startswith(b"<") and ROOT.search(first[:4096]) is not None


def _seven(path: Path) -> bool:
    try:
        return kind_of(path) == "7z" and _is_export(head(path, 4096))
    except (BadInput, OSError):
        return False


def _dumps(target: Target, tries: int | None = None) -> Iterator[Path]:
    """Yield the dump files of a folder; `tries`: how many files without a dump's name are opened, at most."""
    for path in target.files:
        if files.NAME.fullmatch(path.name):
            yield path
        elif files.DUMP.fullmatch(path.name) and tries != 0:
            tries = None if tries is None else tries - 1
            inside = target.at(path)
            if _is_export(inside.head) or _seven(path):
                yield path


def _beside(path: Path) -> list[Path]:
    """Return what lies in the file's folder and speaks of the dump."""
    return sorted(
        p
        for p in path.parent.iterdir()
        if p.is_file() and ("siteinfo" in p.name.lower() or p.name == "dumpstatus.json" or files.SUMS.search(p.name))
    )


def _from_folder(target: Target, get: Get) -> Iterator[Page]:
    found = {str(p): p for p in _dumps(target)}
    if not found:
        raise BadInput(f"{target.name} holds no MediaWiki dump: give the folder that has the .xml files.")
    read = files.chosen(list(found), target.told)
    for name in read:
        path = found[name]
        yield from _pages(Page.of_file(SOURCE, path, target.at(path).name), target, get, _beside(path))
    files.gaps(read, files.papers(target.files), target.told)


def _from_url(target: Target, get: Get) -> Iterator[Page]:
    listed = FOLDER.fullmatch(target.name)
    if listed is None:
        yield from _pages(get.file(target.name, SOURCE), target, get, [])
        return
    base = target.name.removesuffix("dumpstatus.json").rstrip("/")
    answer = get.file(f"{base}/dumpstatus.json", SOURCE)
    assert answer.path is not None
    published = files.papers([Path(answer.path)])
    done = [n for job in published.jobs.values() if job.get("status") == "done" for n in job.get("files") or {}]
    read = files.chosen([n for n in done if files.NAME.fullmatch(n)], target.told)
    if not read:
        raise BadInput(f"{target.name} lists no finished file of pages: choose a dump whose jobs are done.")
    for name in read:
        page = get.file(f"{base}/{name}", SOURCE)
        assert page.path is not None
        files.check(Path(page.path), name, published)
        yield from _pages(page, target, get, [])


def _pages(page: Page, target: Target, get: Get, beside: list[Path]) -> Iterator[Page]:
    """Check a file against what lies beside it, and cut it into pages that each parse by themselves."""
    assert page.path is not None
    path = Path(page.path)
    files.check(path, path.name, files.papers(beside))
    page = page.with_(context=_context(path, page.locator, target, get, beside))
    parts = slices(path)
    if parts is None:
        yield page
        return
    for number, part in enumerate(parts):
        yield page.with_(slice={**part, "number": number, "last": number == len(parts) - 1})


def _context(path: Path, locator: str, target: Target, get: Get, beside: list[Path]) -> dict[str, Any]:
    first = head(path, HEAD)
    if not _is_export(first) and b"<page>" not in first:
        raise BadInput(f"{path} is not a MediaWiki export: it has no <mediawiki> element.")
    info = siteinfo(first)
    days = [day_of(t) for t in FIELD["timestamp"].findall(first)]
    floor = max((d for d in (*days, not_before(info.get("generator"))) if d), default=None)
    return {
        "wiki": info,
        "dumped": files.day(locator) or floor,
        "rights": files.rights(beside) or _asked(target, get),
        "name": _last(locator.replace("\\", "/")),
        "redirects": redirects(blocks(path, None)) if path.stat().st_size <= WHOLE else {},
    }


def _asked(target: Target, get: Get) -> dict[str, str] | None:
    """Return the rightsinfo of the wiki's API: `--endpoint mediawiki_dump=URL`, or a file with its saved answer."""
    given = target.endpoints.get(SOURCE)
    if not given:
        return None
    path = Path(str(get.file(given, SOURCE).path) if given.startswith(("http://", "https://")) else given)
    said = files.rightsinfo(path) if path.is_file() else None
    if said is None:
        raise BadInput(f"{given} is no answer of api.php?action=query&meta=siteinfo&siprop=rightsinfo: give one.")
    return said
