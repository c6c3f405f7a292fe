"""Tables with one item a row: Parquet, CSV, TSV, JSONL, JSON arrays and objects of records, XML elements, also compressed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor import manifests
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import CLAIM, Page, constant
from auditor.sources import _table_read as reader
from auditor.sources._table_keyed import is_keyed
from auditor.sources._table_parts import Part, in_text, is_inside, is_text_of_objects
from auditor.sources._table_roles import NULLS, PROSE, SPEAKS, TERMS, Roles, is_called_so, norm, recognise
from auditor.sources._table_sniff import GLANCE, SUFFIXES, settled, sniff, suffix_of
from auditor.target import Target

SUMMARY = "tables with one item a row: Parquet, CSV, TSV, JSONL, JSON, XML; .gz, .bz2, .xz, .zst; a file, a glob, a folder, a URL"
BESIDE = True
HOSTED = True
SLICE_ROWS, SLICE_BYTES = 1 << 20, 64 << 20
TAKEN = tuple(r for r in CLAIM.names if r not in ("item_id", "row", "vocabulary", "was_derived_from"))


def knows(target: Target) -> float:
    """A file that looks like a table, a glob or folder with some, or a URL with a table's suffix."""
    if target.url is not None and target.path is None:
        return 0.5 if SUFFIXES.get(suffix_of(target.filename)) else 0.0
    if target.path is not None and target.path.is_file():
        return _knows_file(target.path, target.filename, bool(target.columns))
    return 0.2 if any(SUFFIXES.get(suffix_of(f.name)) for f in target.files) else 0.0


def _knows_file(path: Path, name: str, asked: bool) -> float:
    try:
        form = sniff(path, name, GLANCE) or sniff(path, name)
    except (OSError, BadInput):
        return 0.3 if SUFFIXES.get(suffix_of(name)) else 0.0
    if form is None:
        return 0.0
    return 0.9 if asked else 0.5 if suffix_of(name) in SUFFIXES and form["kind"] != "json" else 0.3


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield pages of one table file or of all that a folder or glob holds; say what was recognised."""
    if target.url is not None and target.path is None:
        answer = get.file(target.name, "table")
        assert answer.path is not None
        yield from file_pages(target, Path(answer.path), target.name, Path(answer.path).name)
        return
    if target.path is not None and target.path.is_file():
        yield from file_pages(target, target.path, target.name, target.path.name)
        return
    found = False
    for file in target.files:
        if SUFFIXES.get(suffix_of(file.name)) and file.stat().st_size:
            found = True
            yield from _one_of_many(target, file)
    if not found:
        raise BadInput(f"{target.name} holds no table that is not empty: give a file, or see `auditor sources`.")


def _one_of_many(target: Target, file: Path) -> Iterator[Page]:
    """Yield a file's pages; a broken one becomes a page that says so, so that the others are audited."""
    locator, place = target.at(file).name, target.place(file)
    try:
        yield from file_pages(target, file, locator, place)
    except BadInput as error:
        yield Page.of_file("table", file, locator, context={"broken": str(error), "place": place})


def file_pages(target: Target, path: Path, locator: str, place: str) -> Iterator[Page]:
    """Yield the pages of one file: slices of a Parquet file's row groups, else the whole.

    place: what stands before `#row` in the ids of rows that have none of their own: the path inside the target.
    """
    try:
        if not path.stat().st_size:
            raise BadInput(f"{locator} is empty: there is nothing to audit in it.")
        form = sniff(path)
    except OSError as error:
        raise BadInput(f"{locator} cannot be read ({error.strerror}): check its permissions.") from None
    if form is None:
        raise BadInput(f"{locator} is not a table of records: name its kind by its suffix, or see `auditor sources`.")
    form = settled(path, form)
    sample = reader.sample(path, form)
    roles = roles_of(target, sample, form, locator)
    context: dict[str, Any] = {
        "place": place,
        "format": form,
        "roles": roles.columns,
        "constants": roles.constants,
        "templates": roles.templates,
        "rights": roles.rights,
        "beside": roles.beside,
        "prose": roles.prose,
        "objects": roles.objects,
    }
    context["unique_ids"] = "item_id" not in roles.columns and "item_id" not in roles.templates
    context["namespace"] = getattr(target.manifest, "namespace", None)
    context["merge"] = getattr(target.manifest, "same_ids", False)
    named = roles.columns.get("item_id", [])
    if target.manifest is None and named and (known := manifests.of_ids(sample[named[0]])) is not None:
        context["manifest"] = known.name
        target.told(f"{Path(locator).name}: its ids are those of {known.title}, whose terms apply")
    if form["kind"] == "delimited":
        context["names"] = reader.header_of(path, form)
    if form["kind"] == "parquet":
        yield from _slices(path, locator, context, roles)
    else:
        yield Page.of_file("table", path, locator, context=context)


def roles_of(target: Target, sample: dict[str, list[str | None]], form: dict[str, Any], locator: str) -> Roles:
    """Recognise the columns, the user's word first, then a manifest's; tell what was recognised and what was left aside."""
    given = _known(target, sample, form, locator) | dict(target.columns)
    keyed = is_keyed(form.get("records"))
    roles = recognise(sample, given, named=form.get("header", True), keyed=keyed, where=locator)
    target.told(f"{Path(locator).name}: {roles.said()}")
    if others := form.get("others"):
        left = ", ".join(o.removesuffix(".item") for o in others)
        target.told(
            f"{Path(locator).name}: its records are those of {form['records']}; other lists in it are not read: {left}"
        )
    if roles.rights:
        target.told(
            f"{Path(locator).name}: who has the rights stands in {roles.rights[0]}; it is read where it says more than a name"
        )
    inside = [c for c in roles.unused if form["kind"] != "delimited" and is_inside(c, sample[c])]
    if inside:
        target.told(
            f"{Path(locator).name}: what is said inside the records binds with their items: {', '.join(inside)}"
        )
    roles.beside = [c for c in roles.unused if c not in inside and form.get("header", True) and is_called_so(c)]
    if roles.beside:
        target.told(
            f"{Path(locator).name}: what other columns say of licences and terms is read too, and can only restrict: {', '.join(roles.beside)}"
        )
    if "license_text" in roles.columns or "license_url" in roles.columns:
        used = {*roles.needed(), *inside}
        if form["kind"] in ("delimited", "parquet"):
            roles.objects = [c for c in sample if c not in roles.needed() and is_text_of_objects(sample[c])]
        roles.prose = [c for c in sample if form.get("header", True) and norm(c) in PROSE and c not in used]
    unused = [c for c in roles.unused if c not in (*inside, *roles.beside, *roles.prose, *roles.objects)]
    if unused:
        target.told(
            f"{Path(locator).name}: columns that look like licence statements and were not used: {', '.join(unused)}"
            " (name one with --column license_text=NAME)"
        )
    return roles


def _known(target: Target, sample: dict[str, list[str | None]], form: dict[str, Any], locator: str) -> dict[str, str]:
    """Return the roles that a manifest gives: the target's own, or that of the dataset whose table has these very columns.

    Columns alone give their meaning, never a dataset's licence: any table may have them.
    """
    named = form.get("header", True)
    if target.manifest is not None:
        _tell(target, target.manifest, sample, locator)
        return dict(_roles(target.manifest, sample, named) or ({} if named else target.manifest.columns))
    known = manifests.of_header(sample) if named else manifests.of_values(sample)
    if known is None:
        return {}
    target.told(
        f"{Path(locator).name}: its columns are those of {known.title}; if it is that dataset, say --manifest {known.name}"
    )
    _tell(target, known, sample, locator)
    return dict(_roles(known, sample, named) or {})


def _tell(target: Target, known: manifests.Manifest, sample: dict[str, list[str | None]], locator: str) -> None:
    for note in known.notes(sample):
        target.told(f"{Path(locator).name}: {note}")


def _roles(known: manifests.Manifest, sample: dict[str, list[str | None]], named: bool) -> Mapping[str, str] | None:
    return known.roles(sample) if named else known.run_roles(sample)


def _slices(path: Path, locator: str, context: dict[str, Any], roles: Roles) -> Iterator[Page]:
    with reader.parquet_file(path) as file:
        meta, names = file.metadata, {f.name: f.type for f in file.schema_arrow}
    texts = [
        c
        for r in ("license_text", "license_url", "license_version", "split", "label")
        for c in roles.columns.get(r, [])
    ]
    coded = [c for c in texts if pa.types.is_string(names.get(c, pa.null()))]
    context["coded"] = [c for c in coded if not reader.by_difference(meta, c)]
    context["objects"] = [
        c for c in roles.objects if c in names and not pa.types.is_nested(names[c])
    ]  # those are parts
    row = start = 0
    groups: list[int] = []
    held = rows = 0
    for group in range(meta.num_row_groups):
        groups.append(group)
        rows += meta.row_group(group).num_rows
        held += meta.row_group(group).total_byte_size
        if rows >= SLICE_ROWS or held >= SLICE_BYTES or group == meta.num_row_groups - 1:
            yield Page.of_file("table", path, locator, context=context, slice={"row_groups": groups, "row": start})
            row += rows
            start, groups, held, rows = row, [], 0, 0


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn the rows of a page into CLAIM batches: one claim a row, word for word; a malformed row is a claim with an error."""
    context = page.context
    if "broken" in context:
        raise BadInput(context["broken"])
    roles = Roles(
        context["roles"],
        context["constants"],
        context["templates"],
        **{n: context[n] for n in ("rights", "beside", "prose", "objects")},
    )
    for batch in reader.read(page, roles.needed()):
        more = [_broken(page, batch.errors)] if batch.errors else []
        if len(batch.rows):
            good = _claims(page, roles, batch.columns, batch.rows)
            more += [_parts(good, batch.parts)] if batch.parts else []
            more += [_rights(good, c, _text(batch.columns[c])) for c in roles.rights]
            more += [_beside(good, c, _text(batch.columns[c])) for c in (*roles.rights, *roles.beside, *roles.prose)]
            more += [b for c in roles.objects for b in _objects(good, c, batch.columns[c])]
            yield from _merged(good, [m for m in more if m.num_rows])
        else:
            yield from more


def subset(pages: Sequence[Page], kept: Any, out: Path) -> None:
    """Write the file of these pages anew with only the rows that pass (auditor.subset.original)."""
    from auditor.sources._table_subset import write

    write(pages, [kept.rows(p) for p in pages], out)


def _claims(page: Page, roles: Roles, columns: dict[str, pa.Array], rows: "np.ndarray[Any, Any]") -> pa.RecordBatch:
    size = len(rows)
    found: dict[str, pa.Array] = {}
    for role, names in roles.columns.items():
        found[role] = coalesced([_text(columns[n]) for n in names])
    for role, template in roles.templates.items():
        found[role] = templated(template, columns)
    out: dict[str, pa.Array] = {"row": pa.array(rows), "item_id": _ids(page, found.get("item_id"), rows)}
    out |= {r: a for r, a in found.items() if r in TAKEN}
    if "was_derived_from" in found:
        out["was_derived_from"] = _lists(found["was_derived_from"])
    vocabulary = found.get("vocabulary")
    said = roles.constants.get("vocabulary")
    out["vocabulary"] = vocabulary if vocabulary is not None else constant(said, size)
    whose = roles.constants.get("authority", "aggregator")
    out["authority"] = constant(whose, size)
    if whose == "mention":
        out["place"] = constant("a licence that it names", size)
    return pa.RecordBatch.from_arrays(list(out.values()), names=list(out))


def _ids(page: Page, own: pa.Array | None, rows: "np.ndarray[Any, Any]") -> pa.Array:
    """The source's own ids, qualified by the namespace a manifest gives; where one is missing, `locator#row`."""
    space = page.context.get("namespace")
    if own is not None and own.null_count == 0:
        own = own.cast(pa.string()) if pa.types.is_dictionary(own.type) else own
        return pc.binary_join_element_wise(f"{space}:", own, "") if space else own
    placed = pc.binary_join_element_wise(f"{page.context['place']}#", pa.array(rows).cast(pa.string()), "")
    if own is None:
        return placed
    own = own.cast(pa.string())
    return pc.coalesce(pc.binary_join_element_wise(f"{space}:", own, "") if space else own, placed)


def _text(array: pa.Array) -> pa.Array:
    """Return a column as strings; empty ones and the usual marks of null are null."""
    if pa.types.is_dictionary(array.type) and pa.types.is_string(array.type.value_type):
        return array
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_large_string(array.type) or pa.types.is_integer(array.type) or pa.types.is_boolean(array.type):
        return array.cast(pa.string())
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), pa.string())
    return pa.array([reader.text(v) for v in array.to_pylist()], pa.string())


def coalesced(arrays: Sequence[pa.Array]) -> pa.Array:
    """Return the first value that is there, of several columns."""
    if len(arrays) == 1:
        return arrays[0]
    plain = [a.cast(pa.string()) if pa.types.is_dictionary(a.type) else a for a in arrays]
    return pc.coalesce(*[pc.if_else(pc.is_in(a, pa.array(NULLS)), None, a) for a in plain])


def templated(template: str, columns: dict[str, pa.Array]) -> pa.Array:
    """Fill `{column}` in a template, row by row; null where one is null."""
    import re

    pieces: list[Any] = []
    for text, name in re.findall(r"([^{]*)(?:{([^}]*)})?", template):
        pieces += [text] if text else []
        pieces += [_text(columns[name]).cast(pa.string())] if name else []
    joined = pc.binary_join_element_wise(*pieces, "")
    return pc.replace_substring_regex(
        joined, r"^https?://\s*(https?://)", r"\1"
    )  # what is put in may have a scheme itself


def _lists(array: pa.Array) -> pa.Array:
    plain = array.cast(pa.string())
    return pa.ListArray.from_arrays(pa.array(np.arange(len(plain) + 1, dtype=np.int32)), plain)


def _broken(page: Page, errors: Iterable[tuple[int, str]]) -> pa.RecordBatch:
    rows = [{"item_id": f"{page.context['place']}#{row}", "row": row, "error": said} for row, said in errors]
    return pa.RecordBatch.from_pylist(rows, schema=CLAIM)


def _parts(good: pa.RecordBatch, inside: Sequence[tuple[int, Part]]) -> pa.RecordBatch:
    """Return the claims of what stands inside the records: of a part of the item, or of its media alike, by the same vocabulary."""
    places = pa.array([place for place, _ in inside])
    said = {
        "place": [p.where for _, p in inside],
        "license_text": [p.text for _, p in inside],
        "license_url": [p.url for _, p in inside],
    }
    columns = {name: good.column(name).take(places) for name in ("row", "item_id", "vocabulary", "authority")}
    columns |= {name: pa.array(values, pa.string()) for name, values in said.items()}
    columns["scope"] = pa.array(["media" if p.own else "part" for _, p in inside], pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _rights(good: pa.RecordBatch, name: str, said: pa.Array) -> pa.RecordBatch:
    """Return the claims of a column that mostly names who has the rights: what is more than a name is as good as the licence beside it."""
    said = said.cast(pa.string())
    places = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(said, SPEAKS), False))
    columns = {n: good.column(n).take(places) for n in ("row", "item_id", "authority")}
    columns |= {"license_text": said.take(places), "place": constant(name, len(places))}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _beside(good: pa.RecordBatch, name: str, said: pa.Array) -> pa.RecordBatch:
    """Return the claims of a column without a role, called like a statement, a description or rights: of the lowest rank, so they only restrict."""
    said = said.cast(pa.string())
    told = pc.invert(pc.is_in(said, pa.array(NULLS)))
    if norm(name) in PROSE:  # a description may speak of anything: it is heard where a licence is stated beside it
        stated = [pc.is_valid(good.column(r)) for r in ("license_text", "license_url") if r in good.schema.names]
        told = pc.and_(pc.match_substring_regex(said, TERMS), reduce(pc.or_, stated))
    places = pc.indices_nonzero(pc.and_(pc.is_valid(said), pc.fill_null(told, False)))
    columns = {n: good.column(n).take(places) for n in ("row", "item_id")}
    columns |= {"license_text": said.take(places), "place": constant(name, len(places))}
    columns["authority"] = constant("mention", len(places))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _objects(good: pa.RecordBatch, name: str, said: pa.Array) -> Iterator[pa.RecordBatch]:
    """Yield the claims of JSON objects written as text in a column: what they say of terms can only restrict."""
    for places, words in in_text(_text(said).cast(pa.string())):
        columns = {n: good.column(n).take(places) for n in ("row", "item_id")}
        columns |= {
            "license_text": words,
            "place": constant(name, len(places)),
            "authority": constant("mention", len(places)),
        }
        yield pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _merged(good: pa.RecordBatch, more: Sequence[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Put malformed rows in their places among the good ones, and what is said of parts behind their items."""
    if not more:
        yield good
        return
    plain = [
        pa.Table.from_batches([b]).cast(pa.schema([CLAIM.field(n) for n in b.schema.names])) for b in (good, *more)
    ]
    whole = pa.concat_tables(plain, promote_options="default")
    order = pc.sort_indices(whole, [("row", "ascending")])  # stable: an item's own claim stays the first
    yield from whole.take(order).combine_chunks().to_batches()
