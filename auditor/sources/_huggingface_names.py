"""How a dataset of the Hub is named: URLs, `hf://`, ids, clones and cache folders."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from auditor.target import Target

HUB = "https://huggingface.co"
HOSTS = ("huggingface.co", "hf.co")
PAGES = ("tree", "blob", "resolve", "raw", "commit")  # what may follow an id, before a revision
OTHER_PAGES = ("viewer", "discussions", "commits", "settings", "sql", "embed")
WORD = r"[A-Za-z0-9](?:[\w.-]{0,94}[\w])?"
ID = re.compile(rf"{WORD}(?:/{WORD})?")
FILE = re.compile(
    r"(?i)\.(?:csv|tsv|jsonl?|ndjson|parquet|txt|xml|zip|tar|gz|bz2|xz|zst|7z|md|ya?ml|toml|html?|cff|rdf|svg|arrow)$"
)
CACHE = re.compile(r"datasets--(.+)")


@dataclass(frozen=True, slots=True)
class Name:
    """A dataset of the Hub and the revision asked for."""

    id: str
    revision: str | None = None


def endpoint(target: Target) -> str:
    """Return the Hub's address: `--endpoint huggingface=URL`, the environment's HF_ENDPOINT, or the Hub's own."""
    return (target.endpoints.get("huggingface") or os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def of(target: Target) -> Name | None:
    """Return the dataset that a target names by URL or `hf://`, or None."""
    if target.path is not None:
        return None
    if target.name.startswith("hf://datasets/"):
        return _of_path(target.name.removeprefix("hf://datasets/"))
    if target.url is None:
        return None
    host = (target.url.hostname or "").removeprefix("www.")
    at = urlsplit(endpoint(target))
    path = unquote(target.url.path).strip("/")
    if host not in HOSTS and target.url.netloc != at.netloc:
        return None
    path = path.removeprefix(at.path.strip("/")).strip("/") if target.url.netloc == at.netloc else path
    path = path.removeprefix("api/")
    return _of_path(path.removeprefix("datasets/")) if path.startswith("datasets/") else None


def bare(target: Target) -> Name | None:
    """Return the dataset that `namespace/name` could mean, where it can't mean a file or folder of this machine."""
    name = target.name
    if target.path is not None or target.matches or target.url is not None or name.count("/") != 1:
        return None
    if not ID.fullmatch(name) or FILE.search(name) or Path(name.split("/")[0]).exists():
        return None
    return Name(name)


def _of_path(path: str) -> Name | None:
    parts = [p for p in path.split("/") if p]
    if ".." in parts:
        return None
    revision = None
    for place, part in enumerate(parts[:3]):
        if place and part in PAGES + OTHER_PAGES:
            revision = parts[place + 1] if part in PAGES and len(parts) > place + 1 else None
            parts = parts[:place]
            break
    parts = parts[:2]
    if parts and "@" in parts[-1]:
        parts[-1], _, revision = parts[-1].partition("@")
    name = "/".join(parts)
    safe = revision is None or re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", revision)
    return Name(name, revision) if ID.fullmatch(name) and safe else None


def snapshot(folder: Path) -> tuple[Path, str] | None:
    """Return the files' folder and the id of a cache folder (`datasets--NS--NAME`, or a snapshot in it), or None."""
    whole = folder.resolve()
    for place in (whole, whole.parent, whole.parent.parent):
        match = CACHE.fullmatch(place.name)
        if match:
            chosen = folder if place != whole and whole.parent.name == "snapshots" else _current(folder)
            return (chosen, match.group(1).replace("--", "/", 1)) if chosen and chosen.is_dir() else None
    return None


def _current(folder: Path) -> Path | None:
    """Return the snapshot that refs/main names, else the newest."""
    ref = folder / "refs" / "main"
    named = folder / "snapshots" / ref.read_text("utf-8").strip() if ref.is_file() else None
    if named is not None and named.is_dir():
        return named
    every = [p for p in (folder / "snapshots").glob("*") if p.is_dir()]
    return max(every, key=lambda p: (p.stat().st_mtime, p.name), default=None)


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a clone or snapshot, sorted; links may lead to the cache's own blobs, and nowhere else."""
    whole = folder.resolve()
    root = next((p for p in (whole, *whole.parents[:2]) if CACHE.fullmatch(p.name)), whole)
    for file in sorted(folder.rglob("*")):
        if any(p.startswith(".") for p in file.relative_to(folder).parts):
            continue
        if file.is_file() and file.resolve().is_relative_to(root):
            yield file
