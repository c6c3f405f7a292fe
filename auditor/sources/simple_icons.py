"""Logos of Simple Icons: of each what the project's own data file says, all of them in one answer.

npm simple-icons 16.37.0, DISCLAIMER.md: "The license under which an icon is available can be found in the icon's entry in the JSON data
file". An entry without `license` says nothing: "the absence of license data for a particular icon does not imply that the icon is not
released under a license". `source` is the page on which the logo was looked up; it is not asked.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from auditor.fetch import Ask, Get
from auditor.origins import PAGES
from auditor.schema import Page, claims
from auditor.sources import _replies as replies

SUMMARY = "Simple Icons: the licence of each logo by the project's own data file"
ORIGINS = ("simple-icons:icon:",)
FILE = "/simple-icons/simple-icons/develop/data/simple-icons.json"
MOST = 32 << 20  # bytes of the data file; it has 0.5 MB


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the one answer for all logos, from its host or from a file of it (`--endpoint simple_icons=FILE`)."""
    base = get.base("simple_icons", "https://raw.githubusercontent.com")
    given = Path(base).is_file()
    ask = Ask(base if given else base + FILE, "simple_icons", {"keys": list(keys)}, most=MOST)
    yield get.given(ask, Path(base)) if given else get.one(ask)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of one answer."""
    return iter(claims(_rows(page)))


def _rows(page: Page) -> list[replies.Row]:
    reason = replies.why(page)
    found = None if reason else replies.decoded(page)
    if not isinstance(found, list):
        return replies.errors(page, reason or replies.not_json(page))
    icons = {_plain(str(icon.get("slug"))): icon for icon in found if isinstance(icon, dict)}
    return [_claim(key, row, icons) for row, key in enumerate(replies.keys(page))]


def _plain(slug: str) -> str:
    """Return a slug as those who pass it on spell it, too: `graphite_editor` is Iconify's `graphite-editor`."""
    return slug.replace("_", "-").lower()


def _claim(key: str, row: int, icons: dict[str, replies.Row]) -> replies.Row:
    base = {"item_id": key, "row": row, "authority": "host", "place": "simple-icons"}
    icon = icons.get(_plain(key.removeprefix(ORIGINS[0])))
    if icon is None:
        return base | {"error": "gone: Simple Icons' data file has no icon of that name."}
    said = replies.named(icon, "license")
    return base | {
        "item_url": PAGES[ORIGINS[0]].format(icon["slug"]),
        "title": replies.text(icon.get("title")),
        "kind": "icon",
        "license_text": replies.text(replies.named(said, "type")),
        "license_url": replies.text(replies.named(said, "url")),
    }
