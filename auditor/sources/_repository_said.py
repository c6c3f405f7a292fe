"""Claims on a dataset as a whole, and where each was said, so that a conflict can name both places."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auditor.licensing import read

# Values of a claim's `place`: where it stands.
TAG = "tag"  # a hub's machine-readable tag, or the card's metadata that it is made from
README = "readme"  # the words of a README or dataset card
BADGE = "badge"
INFOS = "dataset_infos"
LICENSE_FILE = "license-file"
CITATION = "citation"
PACKAGE = "package-metadata"
REUSE = "reuse"  # REUSE.toml, .reuse/dep5 or a .license file
HEADER = "header"  # SPDX tags in the file itself
HOST = "host"  # what the code host detected by itself
METADATA = "metadata"  # a machine-readable description: Croissant, schema.org
USAGE = "usage"  # data use conditions beside the licence
GATE = "gate"  # what has to be agreed to before access

PLACES = (
    (
        re.compile(
            r"(?i)(?:^|[\W_])(?:code|software|source[ _-]?code|scripts?|src|program|package|loader|model|weights)(?:$|[\W_])"
        ),
        "software",
    ),
    (re.compile(r"(?i)(?:^|[\W_])(?:annotations?|labels?)(?:$|[\W_])"), "annotations"),
    (re.compile(r"(?i)(?:^|[\W_])metadata(?:$|[\W_])"), "metadata"),
)
DATA = re.compile(
    r"(?i)(?:^|[\W_])(?:data|datasets?|images?|photos?|audio|videos?|texts?|corpus|corpora|content)(?:$|[\W_])"
)
# Access alone: info:eu-repo/semantics (real data: datacite/), the EU's authority table (dcat/), Zenodo's access_right (zenodo/).
ACCESS = re.compile(
    r"(?i)(?:info:eu-repo/semantics/|https?://\S+/access-right/(?:\w+/)?)?"
    r"(open|public|non[ _-]?public|restricted(?: public)?|closed|embargoed|metadata only)[ _-]?(?:access)?"
)

LICENSE = re.compile(
    r"(?i)(?:[\w.-]*[-_.])?(?:un)?licen[sc]e(?:[-_.][\w.-]*)?|copying(?:[-_.][\w.-]*)?|terms[-_]of[-_]use(?:\.\w+)?"
)
NOT_TEXT = re.compile(
    r"(?i)\.(?:py|pyi?|ipynb|r|sh|js|ts|css|jsonl?|ndjson|ya?ml|xml|toml|parquet|csv|tsv|xlsx?|db|sqlite|png|jpe?g|gif|svg|pdf|gz|bz2|xz|zst|zip)$"
)


def is_license(name: str) -> bool:
    """Say whether a file name is that of a licence text."""
    return bool(LICENSE.fullmatch(name)) and not NOT_TEXT.search(name)


def scope_of(words: str) -> str | None:
    """Return what a heading, file or folder name says a licence is of; None (the whole) where it names the data too, or nothing."""
    if DATA.search(words):
        return None
    return next((scope for pattern, scope in PLACES if pattern.search(words)), None)


def together(texts: Sequence[str], word: str, vocabulary: str | None) -> list[str]:
    """Return a list's statements as one, joined by AND or OR, where the reader finds each of them in it; else one by one.

    One by one they stand side by side at equal rank, so that one which can't be read is not lost among the others.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < 2:
        return distinct
    whole = f" {word} ".join(distinct)
    alone = {read(t, vocabulary=vocabulary).license for t in distinct}
    return [whole] if set(read(whole, vocabulary=vocabulary).license.split(f" {word} ")) == alone else distinct


def of_whole(item_id: str, **more: Any) -> dict[str, Any]:
    """Return the fields that all claims on one dataset share."""
    return {"item_id": item_id, "row": 0} | {k: v for k, v in more.items() if v}


def uploaded(where: str, **said: Any) -> dict[str, Any]:
    """Return a claim of the uploader, without what says nothing."""
    return {"authority": "uploader", "place": where} | {k: v for k, v in said.items() if v}


def license_file(name: str, body: bytes, beside: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield what a licence file says, of what its name says it is of.

    One that names nothing is of the software where another licence file beside it is the data's by name.
    """
    text = text_of(body).strip()
    about = _named(name)
    bare = not re.search(r"[^\W_]", about)
    scope = "software" if bare and any(DATA.search(_named(b)) for b in beside) else scope_of(about)
    if text:
        yield uploaded(LICENSE_FILE, license_text=text, scope=scope)


def text_of(body: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 where its first bytes say so; what is no text has NULs in it."""
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    return body.decode("utf-16" if wide else "utf-8-sig", "replace")


def lies_in(file: Path, root: Path) -> bool:
    """Say whether a file lies in a folder, wherever links lead: what a stranger's link points to is not read."""
    return file.resolve().is_relative_to(root.resolve())


def _named(name: str) -> str:
    return re.sub(r"(?i)licen[sc]es?|copying|\.\w+$", " ", name)


def readable(texts: Sequence[str], vocabulary: str | None) -> list[str]:
    """Return those of several names of one licence that say something to the reader; the first, where none does."""
    distinct = list(dict.fromkeys(texts))
    readings = [(t, read(t, vocabulary=vocabulary)) for t in distinct]
    return [t for t, r in readings if r.license != "NOASSERTION" or r.restrictions] or distinct[:1]


def is_access(text: str | None) -> bool:
    """Say whether a statement of rights tells who may see something, and not what may be done with it."""
    return bool(text and ACCESS.fullmatch(text.strip()))


def access(text: str | None) -> list[dict[str, Any]]:
    """Return the claim that access has terms; none where nothing is said, or that all may see it."""
    match = ACCESS.fullmatch((text or "").strip())
    if not text or (match and match[1].lower() in ("open", "public")):
        return []
    return [{"authority": "access", "scope": "access", "place": GATE, "license_text": text}]
