"""Which files of a folder or of dumps.wikimedia.org hold the pages of a dump, and whether they are the published ones.

A dump's folder holds the same pages several times (articles, all current pages, all revisions; each plain and
multistream; whole and in parts). One set is read, so that no page counts twice, and the user is told which.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from auditor.errors import BadInput

# Names as dumps.wikimedia.org gives them: {wiki}-{date}-{job}{part}.xml{-pages}{.compression}
NAME = re.compile(
    r"(?P<wiki>[a-z][a-z0-9_-]*?)-(?P<date>\d{8}|latest)-(?P<job>pages-[a-z-]+?)(?P<part>\d*)\.xml(?P<range>-p\d+p\d+)?"
    r"(?P<packed>\.(?:bz2|gz|xz|7z|zst))?"
)
DUMP = re.compile(r".+\.xml(?:[-.].*)?(?:\.(?:bz2|gz|xz|lzma|7z|zst))?", re.IGNORECASE)
# The widest set of pages first, then what unpacks fastest; history only where nothing else has the pages.
JOBS = ("pages-meta-current", "pages-articles-multistream", "pages-articles", "pages-meta-history")
SUMS = re.compile(r"(md5|sha1)sums?", re.IGNORECASE)
SUM_LINE = re.compile(r"([0-9a-f]{32}|[0-9a-f]{40})\s+\*?(\S+)")
DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
Told = Callable[[str], None]


class Published(NamedTuple):
    """What a dump's own papers say of its files: name -> digest kind -> digest, and jobs."""

    digests: Mapping[str, Mapping[str, str]]
    jobs: Mapping[str, Mapping[str, Any]]


def chosen(names: Sequence[str], told: Told) -> list[str]:
    """Return the names to read: of each wiki and day, the parts of one job; any other dump file by itself."""
    groups: dict[tuple[str, str], dict[str, list[tuple[str, re.Match[str]]]]] = {}
    read: list[str] = []
    for name in names:
        found = NAME.fullmatch(name.rsplit("/", 1)[-1])
        if found is None:
            read.append(name)
        else:
            groups.setdefault((found["wiki"], found["date"]), {}).setdefault(found["job"], []).append((name, found))
    for (wiki, day), jobs in groups.items():
        job = min(jobs, key=lambda j: (JOBS.index(j) if j in JOBS else len(JOBS), j))
        read += _parts(jobs[job])
        passed = sorted(j for j in jobs if j != job)
        if passed:
            told(f"{wiki} of {day}: {job} is read; {', '.join(passed)} hold the same pages and are passed over.")
    return sorted(read)


def _parts(files: list[tuple[str, re.Match[str]]]) -> list[str]:
    """Return one file of each part; the parts rather than the whole they were joined to, one compression of each."""
    parts = [f for f in files if f[1]["part"]] or files
    first: dict[tuple[str, str], str] = {}
    for name, found in sorted(parts, key=lambda f: (f[1]["packed"] == ".7z", f[0])):
        first.setdefault((found["part"], found["range"] or ""), name)
    return list(first.values())


def papers(files: Iterable[Path]) -> Published:
    """Read `dumpstatus.json` and the files of sums among a dump's files."""
    digests: dict[str, dict[str, str]] = {}
    jobs: Mapping[str, Mapping[str, Any]] = {}
    for path in files:
        if path.name == "dumpstatus.json":
            jobs = status(path)
            for job in jobs.values():
                for name, file in (job.get("files") or {}).items():
                    digests.setdefault(name, {}).update({k: file[k] for k in ("sha1", "md5") if file.get(k)})
        elif SUMS.search(path.name) and path.suffix == ".txt":
            for digest, name in SUM_LINE.findall(path.read_text(encoding="utf-8", errors="replace")):
                digests.setdefault(name, {})["md5" if len(digest) == 32 else "sha1"] = digest
    return Published(digests, jobs)


def status(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the jobs of a `dumpstatus.json`."""
    try:
        jobs = json.loads(path.read_bytes())["jobs"]
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{path} is not a dumpstatus.json of a MediaWiki dump: get it again.") from None
    return {k: v for k, v in jobs.items() if isinstance(v, dict)}


def check(path: Path, name: str, published: Published) -> None:
    """Raise BadInput if a file is not the one that its dump's papers describe; a file they don't name passes."""
    stated = published.digests.get(name, {})
    kind = next((k for k in ("sha1", "md5") if k in stated), None)
    if kind is None:
        return
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, kind).hexdigest()
    if digest != stated[kind].lower():
        raise BadInput(
            f"{path} is not the published file: its {kind} is {digest}, the dump says {stated[kind]}: get it again."
        )


def gaps(read: Iterable[str], published: Published, told: Told) -> None:
    """Tell of parts that the dump lists and the folder lacks, and of jobs that were not finished."""
    names = {n.rsplit("/", 1)[-1] for n in read}
    for job, said in published.jobs.items():
        listed = {n for n in said.get("files") or {} if NAME.fullmatch(n)}
        if not names & listed:
            continue
        if said.get("status") != "done":
            told(f"dumpstatus.json: the job {job} is {said.get('status')}, not done: pages may be missing.")
        if missing := sorted(listed - names):
            told(
                f"dumpstatus.json lists {len(missing)} more files of {job} that are not read here, {missing[0]} first."
            )


def day(path: str) -> str | None:
    """Return the dump's day as its file's name, or the folder it lies in, states it (ISO); None where none does."""
    for part in reversed(path.replace("\\", "/").split("/")[-2:]):
        if found := DAY.search(part):
            return "-".join(found.groups())
    return None


def rights(files: Iterable[Path]) -> dict[str, str] | None:
    """Return `rightsinfo` of an answer to `meta=siteinfo` kept beside a dump (WikiTeam's `siteinfo.json`)."""
    named = (p for p in files if "siteinfo" in p.name.lower() and p.name.lower().endswith((".json", ".json.gz")))
    return next((said for p in named if (said := rightsinfo(p))), None)


def rightsinfo(path: Path) -> dict[str, str] | None:
    """Return text and url of the `rightsinfo` in a saved answer of a wiki's API; None where there is none."""
    raw = path.read_bytes()
    try:
        said = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)["query"]["rightsinfo"]
        return {k: str(said[k]) for k in ("text", "url") if said.get(k)} or None
    except (ValueError, KeyError, TypeError, OSError, EOFError):
        return None
