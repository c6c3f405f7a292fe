"""ImageNet: lists of URLs like its own (`n02124075_1234<TAB>http://...`, `id url`, one URL a line), and the folders,
tars and annotations of ILSVRC.

Such a list says nothing of any licence. What ImageNet's terms say of access stands in its manifest, which is named
only where the ids are ImageNet's own: a list of other URLs is a list of URLs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.origins import canonical_array
from auditor.schema import Page, batch_of, constant
from auditor.sources import _imagenet_layout as layout
from auditor.sources import _imagenet_lines as lines
from auditor.sources._imagenet_words import labels, synset_of, words_of
from auditor.streams import encoding_of, packed, text_of, unpacked
from auditor.target import HEAD, Target

SUMMARY = "ImageNet: URL lists (fall11, `id url`, a URL a line), ILSVRC folders, tars and annotations"
HOSTED = True
HOLDS = "The items are other people's pictures: the list gives addresses and labels, and no licence of any picture."
MANIFEST, OF_PICTURES = "imagenet-21k", "imagenet-1k"  # of lists; of what ILSVRC distributed
SLICE = 64 << 20
OWN = re.compile(
    rb"(?:\S*/)?(?:n[0-9]{8}_[0-9]+|ILSVRC20[0-9]{2}_(?:train|val|test)_[0-9]{8})(?:\.\w+)?(?:\s.*)?", re.DOTALL
)
NAMED = re.compile(rb"[^\s:]*\w[ \t]+[A-Za-z][A-Za-z0-9+.-]*://\S.*", re.DOTALL)
ALONE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://\S[^\t]*", re.DOTALL)
MORE = re.compile(rb"[^\t]*\t[^\t]*\t.*", re.DOTALL)
WORDS = re.compile(rb"n[0-9]{8}[ \t]+(?!.*://).*[A-Za-z].*", re.DOTALL)  # words.txt, gloss.txt, wordnet.is_a.txt
HEADER = re.compile(rb"[A-Za-z_ ]+\t[A-Za-z_ ]+(?=\r?\n)")  # names of columns
TABLES = (".csv", ".json", ".jsonl", ".ndjson", ".xml", ".html", ".md", ".yml", ".yaml")
LISTS = ("", ".txt", ".tsv", ".lst", ".list", ".urls")


def knows(target: Target) -> float:
    """Lists by their lines, the rest by names; a folder that holds a list with ImageNet's ids."""
    if target.files:
        return max(layout.knows(target), 0.9 if _lists(target) else 0.0)
    if target.url is not None and target.path is None:
        return 0.9 if re.search(r"(?:^|/)\w*fall11_urls\.txt(?:\.\w+)?$", target.url.path) else 0.0
    form = form_of(target)
    if form is None:
        return layout.knows(target)
    if form in ("own", "words"):
        return 0.95
    plain = not target.filename.endswith(TABLES)
    return (0.55 if form == "named" else 0.6) if plain else 0.25


def form_of(target: Target) -> str | None:
    """Return how a list's lines begin: `own` (ImageNet's ids), `named` (others), `urls` (no ids), `words` (synsets and words
    for them); None for no list."""
    head = _utf8(target.head)
    some = lines.sample(head, len(target.head) < HEAD)
    if not some or b"\0" * 8 in head or head.lstrip().startswith((b"<", b"{", b"[")):
        return None

    def most(pattern: re.Pattern[bytes], part: float) -> bool:
        return sum(bool(pattern.fullmatch(line)) for line in some) > part * len(some)

    if most(WORDS, 0.99):
        return "words"
    if most(MORE, 0.5):
        return None
    if most(OWN, 0.5):
        return "own"
    if ALONE.fullmatch(some[0]) and most(ALONE, 0.9):
        return "urls"
    return "named" if NAMED.fullmatch(some[0]) and most(NAMED, 0.9) else None


def _utf8(head: bytes) -> bytes:
    return head.decode("utf-16", "ignore").encode() if encoding_of(head) == "utf-16" else head


def _lists(target: Target) -> list[Path]:
    """Return the files of a folder that are lists with ImageNet's ids; not looked for among hundreds of files."""
    fit = [
        f
        for f in target.files
        if re.sub(r"\.(gz|bz2|xz|zst)$", "", f.name.lower()).endswith(tuple(x for x in LISTS if x))
    ]
    return [f for f in fit if form_of(target.at(f)) == "own"] if len(fit) <= 200 else []


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield a list in slices of whole lines; a folder's listing, its tars and annotations."""
    if target.url is not None and target.path is None:
        answer = get.file(target.name, "imagenet")
        target = replace(target, path=Path(answer.path or ""))
    if not target.files and form_of(target) == "words":
        raise BadInput(
            f"{target.name} says what synsets are, and lists no pictures: give a list of their URLs, or pictures."
        )
    words = words_of(target)
    chosen = _lists(target) if target.files else [target.path] if form_of(target) and target.path else []
    if (target.files and layout.knows(target)) or not chosen:
        yield from _layout(target, words)
        return
    for path in chosen:
        yield from list_pages(target.at(path) if target.files else target, target.place(path), words)
    _passed_over(target, set(chosen))


def _layout(target: Target, words: dict[str, str]) -> Iterator[Page]:
    if not layout.knows(target) and target.manifest is None:
        raise BadInput(
            f"{target.name} holds no ImageNet pictures, annotations or lists of URLs: see `auditor sources`."
        )
    target.told(
        f"{target.name}: pictures by name, without a URL of their origin: none can be followed to its host from here."
    )
    _passed_over(
        target,
        {
            f
            for f in target.files
            if layout.PICTURE.search(f.name) or layout.ANNOTATION.search(f.name) or layout.PACKED.search(f.name)
        },
    )
    yield from layout.pages(target, {"manifest": OF_PICTURES, "items_from": "third-party", "words": words})


def _passed_over(target: Target, used: set[Path]) -> None:
    left = [target.place(f) for f in target.files if f not in used]
    if left:
        some = ", ".join(left[:5]) + (", ..." if len(left) > 5 else "")
        target.told(f"{target.name}: {len(left)} files that hold no items of this kind were not examined: {some}")


def list_pages(target: Target, place: str, words: dict[str, str]) -> Iterator[Page]:
    """Yield the pages of one list: slices of about SLICE bytes; the whole where it is packed or not in UTF-8."""
    path = target.path
    assert path is not None
    form = form_of(target)
    context: dict[str, Any] = {
        "kind": "list",
        "place": place,
        "form": form,
        "words": words,
        "unique_ids": form == "urls",
    }
    if form == "own":
        manifest = OF_PICTURES if target.head.lstrip().startswith(b"ILSVRC20") else MANIFEST
        context |= {"manifest": manifest, "items_from": "third-party"}
        context["header"] = HEADER.match(target.head) is not None
    stem = re.fullmatch(r"(n\d{8})(\.\w+)*", path.name)
    context["synset"] = stem[1] if stem else None
    if encoding_of(target.head) == "utf-16":
        context["encoding"] = "utf-16"
    if packed(path) or "encoding" in context:
        yield Page.of_file("imagenet", path, target.name, context=context)
        return
    for start, end, row in slices(path):
        where = {"start": start, "end": end, "row": row}
        yield Page.of_file("imagenet", path, target.name, context=context, slice=where)


def slices(path: Path, size: int = SLICE) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and first line's number of slices of a file that end on a line's end."""
    start = place = row = count = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            done = 0
            while cut := _end(block, done, start + size - place):
                count += block.count(b"\n", done, cut)
                yield start, place + cut, row
                start, row, done = place + cut, count, cut
            count += block.count(b"\n", done)
            place += len(block)
    if place > start:
        yield start, place, row


def _end(block: bytes, done: int, wanted: int) -> int:
    """Return where the line ends that holds the byte before `wanted`; 0 if not in this block."""
    return block.find(b"\n", max(done, wanted - 1)) + 1 if len(block) >= wanted else 0


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim a line or picture: no words on a licence, the URL and the origin that it names."""
    if page.context["kind"] != "list":
        yield from layout.parse(page)
        return
    path = Path(page.path or page.locator)
    row, size = 0, None
    encoding = page.context.get("encoding")
    with text_of(path, encoding) if encoding else unpacked(path) as stream:
        if page.slice is not None:
            stream.seek(page.slice["start"])
            row, size = page.slice["row"], page.slice["end"] - page.slice["start"]
        for block in lines.blocks(stream, size):
            block = block.removeprefix(b"\xef\xbb\xbf") if not row else block
            block = HEADER.sub(b"", block, count=1) if not row and page.context.get("header") else block
            found, count = lines.read(block, row)
            row += count
            if len(found.row):
                yield _claims(found, page)


def _claims(found: lines.Lines, page: Page) -> pa.RecordBatch:
    count = len(found.row)
    rows = pa.array(found.row, pa.int64())
    alone = page.context["form"] == "urls"
    ids = found.id
    if alone or ids.null_count:
        placed = pc.binary_join_element_wise(page.context["place"], rows.cast(pa.string()), "#")
        ids = placed if alone else pc.coalesce(ids, placed)
    columns = [
        ("item_id", ids),
        ("row", rows),
        ("item_url", found.url),
        ("was_derived_from", _origins(found.url)),
        ("error", found.error),
        ("label", _labels(found.id, page)),
        ("kind", constant("image" if page.context["form"] == "own" else None, count)),
    ]
    return batch_of([*columns, ("title", found.id)] if alone and found.id.null_count < count else columns)


def _origins(urls: pa.Array) -> pa.Array:
    """Return a list of one origin each: its canonical name, else the URL; null where there is no URL."""
    names = pc.coalesce(canonical_array(urls), urls)
    offsets = pa.array(np.arange(len(names) + 1, dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, names, mask=pc.is_null(names))


def _labels(ids: pa.Array, page: Page) -> pa.Array:
    if page.context["form"] == "own":
        synsets = pc.utf8_slice_codeunits(ids, 0, 9).dictionary_encode()
        known = synset_of(synsets.dictionary)
        return labels(known.take(synsets.indices), page.context["words"])
    synset = page.context["synset"]
    return labels(constant(synset, len(ids)), page.context["words"]) if synset else pa.nulls(len(ids), pa.string())
