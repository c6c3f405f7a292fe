"""The data files of a repository, each by the source that knows it best; what is said of the whole is read elsewhere."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auditor import sources
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _folder_pages as folder
from auditor.target import Target

ROWS = re.compile(r"(?i)\.(?:csv|tsv|tab|parquet|jsonl|ndjson)(?:\.(?:gz|bz2|xz|zst|zstd))?$")


GENERAL = ("folder", "huggingface", "manifest", "package", "repository", "rocrate", "table")
KNOWN = 0.55  # what a source must score to be given the folder as a whole, as it would be without the repository's own files
LIKELY = 0.5  # and to be given it where no file of it states licences by itself: pictures with embedded statements


def pages(
    target: Target,
    files: Sequence[Path],
    root: Path,
    prefix: str,
    get: Get,
    last: bool = True,
    but: Sequence[str] = (),
) -> Iterator[Page]:
    """Yield the pages of the files, those that speak of the whole first.

    last: where no file speaks of licences, the rows of tables are the items all the same; of JSON they are not, since any
    settings file is JSON. but: sources that the folder as a whole is not given to.
    """
    whole = replace(target, path=root)
    score, name = max((sources.knows(n, whole), n) for n in sources.names() if n not in GENERAL)
    if score >= KNOWN:
        yield from sources.source(name).fetch(whole, get)
        return
    some = [folder.File(f, f.relative_to(root).as_posix()) for f in files]
    found = folder.Files(target, get, root, prefix)
    yield from found.dataset(some)
    if score >= LIKELY and last and not found.streams:
        yield from sources.source(name).fetch(whole, get)
        return
    rows = [f for f in found.bare if ROWS.search(f.inside)]
    if last and not found.streams and rows and found.wrong is None:
        found = replace(found, unsaid=True, streams=[], bare=[], other=Counter(), seen={})
        yield from found.dataset(rows)
    yield from found.items()


def whole_only(found: Iterator[Page], target: Target) -> Iterator[Page]:
    """Yield the pages that speak of the whole; say that the rows are not the items."""
    for page in found:
        if page.level != "dataset":
            target.told("the configs' licences differ, so the items are the configs, not the rows of their data files.")
            return
        yield page
