"""CITATION.cff: the licence of the work that it cites; of a list, any may be chosen.

Fields: `license` (an SPDX id, or a list: "it is assumed their relationship is OR, not AND"), `license-url`, `type` (dataset
or software), by schema-guide.md of citation-file-format/citation-file-format. The licences of `references` are of other works.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _huggingface_yaml as words
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "CITATION.cff: what is said of the work's licence"
SOURCE = "citation_cff"
KEYS = frozenset(("license", "license-url", "type", "title", "authors", "url", "repository", "doi"))
HEAD = re.compile(rb"(?m)^cff-version[ \t]*:")


def knows(target: Target) -> float:
    """A file or URL of that name, or one that says its version of the format."""
    if target.filename == "citation.cff" and (
        target.url is not None or (target.path is not None and target.path.is_file())
    ):
        return 0.95
    return 0.9 if HEAD.search(target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as what is said of the whole."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn the file into claims on the whole."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the file into its one record."""
    text = records.body(page).decode("utf-8-sig", "replace")
    if not re.search(r"(?m)^[\"']?[a-z][\w-]*[\"']?[ \t]*:", text):
        raise BadInput(f"{page.locator} is no citation file: it should be YAML with `cff-version` and `title`.")
    given = words.load(text, KEYS)
    scope = "software" if given.get("type") == "software" else None
    texts = place.together(words.strings(given.get("license")), "OR", None)
    link = records.string(given.get("license-url"))
    more = {"place": place.CITATION, "scope": scope}
    found = [s for t in texts for s in records.said(t, link if len(texts) == 1 else None, **more)]
    found += records.said(None, link, **more) if link and len(texts) != 1 else []
    about = records.about(
        title=records.string(given.get("title")),
        creator=_creators(given.get("authors")),
        item_url=records.string(given.get("repository")) or records.string(given.get("url")),
    )
    return [records.Record(records.string(given.get("doi")) or page.locator, about, found)]


def _creators(value: object) -> str | None:
    people = [a for a in value if isinstance(a, dict)] if isinstance(value, list) else []
    named = [a.get("name") or " ".join(str(a[k]) for k in ("given-names", "family-names") if a.get(k)) for a in people]
    return ", ".join(str(n) for n in named if n) or None
