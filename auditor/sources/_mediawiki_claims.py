"""Fields of scanned pages to a CLAIM batch: ids, addresses, kinds, and whose licence each page takes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.licensing.wikitext import RIDER, banning, cautions, disputes, riders, section, statements
from auditor.schema import CONTRIBUTORS, batch_of
from auditor.sources._mediawiki_scan import REDIRECTED, Pages, day_of, text_of
from auditor.sources._mediawiki_wikis import Said, Wiki

FILE_SPACE = 6
Row = dict[str, Any]
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#039;", "'"), ("&amp;", "&"))


def claims_of(pages: Pages, wiki: Wiki, name: str, redirects: Mapping[str, str]) -> pa.RecordBatch:
    """Return one item's claims a page: what the wiki says of its text, or for a file what its templates say of it."""
    numbers = [int(n) if n is not None else None for n in pages.ns]
    titles = strings(pages.title)
    if None in numbers:
        numbers = _numbered(numbers, titles, pages, wiki)
    moved = [
        r or (n is None and REDIRECTED.match(pages.text.get(i, b"")) is not None)
        for i, (r, n) in enumerate(zip(pages.redirect, pages.ns, strict=True))
    ]
    kinds = ["redirect" if m else wiki.kind(n) for m, n in zip(moved, numbers, strict=True)]
    days = [day_of(t) for t in pages.timestamp]
    said, vocabulary, signals, more = _said(pages, numbers, days, wiki, redirects)
    files = [n == FILE_SPACE for n in numbers]
    batch = batch_of(
        [
            ("item_id", _ids(pages, wiki, name)),
            ("row", pa.array(pages.row, pa.int64())),
            ("item_url", _addresses(wiki.script(), "?oldid=", pages.revision)),
            ("title", titles),
            ("creator", strings(pages.creator)),
            ("kind", pa.array(kinds).dictionary_encode()),
            ("license_text", pa.array([s.text for s in said], pa.string())),
            ("license_url", pa.array([s.url for s in said], pa.string())),
            ("vocabulary", pa.array(vocabulary, pa.string())),
            ("scope", pa.array(["media" if f else "text" for f in files]).dictionary_encode()),
            ("authority", pa.array(["host"] * len(pages)).dictionary_encode()),
            ("copyright_text", _credits(wiki.script(), pages.id)),
            ("signals", pa.array(signals, pa.string())),
            ("as_of", pa.array(days, pa.string())),
            ("error", pa.array(pages.error, pa.string())),
        ]
    )
    return _with_more(batch, more) if more else batch


def strings(values: Sequence[bytes | None]) -> pa.Array:
    """Return escaped XML texts as an Arrow column, unescaped; bytes that are not UTF-8 become U+FFFD."""
    try:
        column = pa.array(values, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        column = pa.array([None if v is None else v.decode("utf-8", "replace") for v in values], pa.string())
    if not pc.any(pc.match_substring(column, "&")).as_py():
        return column
    if pc.any(pc.match_substring_regex(column, "&(#x|#[^0]|#0[^3]|[^lgqa#])")).as_py():
        return pa.array([None if v is None else text_of(v) for v in values], pa.string())
    for entity, character in ENTITIES:
        column = pc.replace_substring(column, entity, character)
    return column


def _numbered(numbers: Sequence[int | None], titles: pa.Array, pages: Pages, wiki: Wiki) -> list[int | None]:
    return [
        wiki.namespace(t) if n is None and e is None else n
        for n, t, e in zip(numbers, titles.to_pylist(), pages.error, strict=True)
    ]


def _ids(pages: Pages, wiki: Wiki, name: str) -> pa.Array:
    """Return the wiki's page ids under its dbname, else its host, else the file's name; rows where one has none."""
    place = wiki.dbname or wiki.host or name
    if None not in pages.id:
        return pc.binary_join_element_wise(place, strings(pages.id), ":")
    pairs = zip(pages.id, pages.row, strict=True)
    return pa.array([f"{place}:{i.decode()}" if i is not None else f"{name}#{row}" for i, row in pairs], pa.string())


def _addresses(script: str | None, query: str, ids: Sequence[bytes | None]) -> pa.Array:
    if script is None:
        return pa.nulls(len(ids), pa.string())
    return pc.binary_join_element_wise(script + query, strings(ids), "")


def _credits(script: str | None, ids: Sequence[bytes | None]) -> pa.Array:
    """Return whom to credit: all contributors, by the address of the page's history (Terms of Use, section 7)."""
    history = _addresses(script, "?curid=", ids)
    if script is None:
        return history
    return pc.binary_join_element_wise(CONTRIBUTORS, history, "&action=history", "")


def _said(
    pages: Pages, numbers: Sequence[int | None], days: Sequence[str | None], wiki: Wiki, redirects: Mapping[str, str]
) -> tuple[list[Said], list[str | None], list[str | None], dict[int, list[Row]]]:
    """Return each page's statement, its vocabulary, signals, and further statements by index.

    A page whose namespace cannot be told takes no licence: it may be a file.
    """
    rules: dict[tuple[int | None, str | None], Said] = {(None, None): Said(None)}
    said: list[Said] = []
    for key in zip(numbers, days, strict=True):
        found = rules.get(key)
        if found is None:
            found = rules[key] = Said(None) if key[0] in (None, FILE_SPACE) else wiki.text(key[0], key[1])
        said.append(found)
    vocabulary: list[str | None] = [None] * len(pages)
    signals: list[str | None] = [None] * len(pages)
    more: dict[int, list[Row]] = {}
    for (index, raw), riding in zip(pages.text.items(), _riding(pages.text.values()), strict=True):
        text = text_of(raw)
        if numbers[index] == FILE_SPACE:
            said[index], vocabulary[index], signals[index], more[index] = _file(text, wiki, redirects, riding)
        else:
            more[index] = [_beside(d, scope="part", vocabulary="wikipedia") for d in disputes(text)]
    return said, vocabulary, signals, {index: rows for index, rows in more.items() if rows}


def _riding(texts: Iterable[bytes]) -> list[bool]:
    """Return which texts have words of terms anywhere: looked for in all of them together."""
    raw = pa.array(texts, pa.binary())
    found: list[bool] = pc.match_substring_regex(raw, RIDER, ignore_case=True).to_pylist()
    return found


def _file(
    text: str, wiki: Wiki, redirects: Mapping[str, str], riding: bool
) -> tuple[Said, str | None, str | None, list[Row]]:
    """Return what a file's page says of the file: its licence templates, else its licence section, else nothing.

    Words of terms in its `permission`, and what bans a use anywhere, count like the templates; other words of terms as a
    mention, which only restricts.
    """
    vocabulary: str | None = "commons" if wiki.commons else "wikipedia"
    found, signals, caution = statements(text, redirects), None, None
    if found:
        led = {k: v for k, v in redirects.items() if "{{" + v in "".join(found)} if redirects else {}
        signals = json.dumps({"template_redirects": led}, ensure_ascii=False) if led else None
        caution = cautions(text)
    else:
        found = section(text)
        vocabulary = vocabulary if found and "{{" in found[0] else None
    if not found:
        return Said(None), None, None, []
    rest = riders(text) if riding else None
    more = [_beside(caution)] if caution else []
    if (
        rest and rest != caution
    ):  # what bans a use counts though it could not be read; a mention counts where it is read
        more.append(
            _beside(rest) if banning(rest) else _beside(rest, authority="mention", place="elsewhere on its page")
        )
    return Said("\n".join(found)), vocabulary, signals, more


def _beside(text: str, **more: str) -> Row:
    return {"license_text": text, "license_url": None, "vocabulary": None, "place": None} | more


def _with_more(batch: pa.RecordBatch, more: Mapping[int, list[Row]]) -> pa.RecordBatch:
    """Put further claims behind each page that has some: what stands beside its licence and may take it back."""
    rows: list[Row] = []
    for index, row in enumerate(batch.to_pylist()):
        rows.append(row)
        rows += [row | other for other in more.get(index, ())]
    return pa.RecordBatch.from_pylist(rows, schema=_plain(batch.schema))


def _plain(schema: pa.Schema) -> pa.Schema:
    fields: Iterable[pa.Field] = schema
    plain = [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in fields]
    return pa.schema([*plain, ("place", pa.string())])
