"""The stages between parse and store: CLAIM batches in, FINDING batches out, no Python object a row.

Each distinct statement of a batch is read once, each distinct set of an item's statements concluded once,
and the results are spread over the rows with `take`. The generators know nothing of files or engines.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.conclude import conclude
from auditor.licensing import read
from auditor.licensing.reading import of
from auditor.schema import CLAIM, FINDING, column, constant
from auditor.statements import Conclusion, Dataset, Said

Codes = npt.NDArray[np.int64]

STATEMENT = ("license_text", "license_url", "license_version", "vocabulary", "as_of", "authority", "scope", "place")
KEPT = ("item_url", "title", "creator", "kind", "split", "label", "language", "scope", "copyright_text", "signals")
CONCLUDED = {"statement": "statement", "statement_url": "statement_url"} | {
    name: name
    for name in (
        *("authority", "license_declared", "license_concluded", "license_comments", "category"),
        *("access_category", "verdict", "reason", "conflict"),
    )
}
APART = {"software": "code", "annotations": "annotations", "metadata": "metadata"}  # scope -> what a reading calls it
MEMO = 60_000  # conclusions kept by a process, twice: some 100 MB at most


class Memo:
    """The conclusions asked for last, bounded: what is asked for again outlives what is not, however many come."""

    def __init__(self) -> None:
        self.newer: dict[tuple[Any, ...], Conclusion] = {}
        self.older: dict[tuple[Any, ...], Conclusion] = {}  # what `newer` was when it was full

    def of(self, key: tuple[Any, ...], make: Callable[[], Conclusion]) -> Conclusion:
        """Return what is kept, else make it and keep it. Threads may ask at once: at worst one is made twice."""
        found = self.newer.get(key)
        if found is None:
            found = self.older.get(key) or make()
            if len(self.newer) >= MEMO:
                self.newer, self.older = {}, self.newer
            self.newer[key] = found
        return found


@lru_cache(maxsize=1)
def _memo(dataset: Dataset, policy: str) -> Memo:
    """Return what all pages of the audit that a process works on share."""
    return Memo()


class Judge:
    """Concludes the items of CLAIM batches under one policy, for one dataset."""

    def __init__(self, dataset: Dataset, policy: str = "dfsg") -> None:
        self.dataset, self.policy = dataset, policy
        self.memo = _memo(dataset, policy)

    def __call__(self, batches: Iterable[pa.RecordBatch], page_key: str = "") -> Iterator[pa.RecordBatch]:
        """Turn CLAIM batches into FINDING batches: one row an item, in their order."""
        for batch in batches:
            if batch.num_rows:
                yield self.batch(batch, page_key)

    def batch(self, claims: pa.RecordBatch, page_key: str) -> pa.RecordBatch:
        """Return the FINDING batch of one CLAIM batch."""
        rows = claims.column(claims.schema.get_field_index("row")).to_numpy(zero_copy_only=False)
        starts = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
        single = len(starts) == len(rows)
        codes, statements = distinct(claims, None if single else dates(claims, starts))
        if single:
            sets: list[tuple[int, ...]] = [(i,) for i in range(len(statements))]
            of_item = codes
        else:
            of_item, sets = _sets(codes, starts)
            claims = claims.take(pa.array(starts))
        errors = column(claims, "error")
        conclusions = [self._conclude(tuple(statements[i] for i in s)) for s in sets]
        if errors is not None and errors.null_count < len(errors):
            of_item, conclusions = self._errors(errors, of_item, conclusions)
        return _finding(claims, of_item, conclusions, page_key)

    def _conclude(self, keys: tuple[tuple[Any, ...], ...]) -> Conclusion:
        return self.memo.of(keys, lambda: conclude([said(k) for k in keys], self.dataset, self.policy))

    def _errors(self, errors: pa.Array, codes: Codes, done: list[Conclusion]) -> tuple[Codes, list[Conclusion]]:
        codes, done = codes.copy(), list(done)
        for index in np.flatnonzero(errors.is_valid().to_numpy(zero_copy_only=False)):
            codes[index] = len(done)
            done.append(conclude([], self.dataset, self.policy, error=errors[int(index)].as_py()))
        return codes, done


def said(key: tuple[Any, ...]) -> Said:
    """Read one distinct statement (a tuple in the order of STATEMENT)."""
    text, url, version, vocabulary, as_of, authority, scope, place = key
    reading = read(text, url, version, vocabulary, as_of)
    if scope in APART and reading.rule.startswith("scope:"):  # "Code: MIT", said of the code alone
        reading = next(
            (of(name, reading.rule, reading.span) for part, name in reading.parts if APART[scope] == part), reading
        )
    return Said(reading, text, url, authority or "uploader", scope, place, as_of)


def dates(claims: pa.RecordBatch, starts: Codes) -> pa.Array | None:
    """Return `as_of` of the items whose claims speak of different days, null elsewhere; None where there are none.

    Only between claims on one item do dates tell now from earlier; left out of the rest, statements stay few.
    """
    array = column(claims, "as_of")
    if array is None or array.null_count == len(array):
        return None
    codes, values = encode(array)
    differ = np.minimum.reduceat(codes, starts) != np.maximum.reduceat(codes, starts)
    if not differ.any():
        return None
    kept = np.repeat(differ, np.diff(np.append(starts, len(codes))))
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=~kept), pa.array(values, pa.string()))


def distinct(claims: pa.RecordBatch, days: pa.Array | None = None) -> tuple[Codes, list[tuple[Any, ...]]]:
    """Return a code for each row and the distinct statements that the codes stand for; `days` is their `as_of`.

    Without `days` the statements have none: a vocabulary whose meaning hangs on dates is resolved by its source.
    """
    codes: Codes | None = None
    spans: list[tuple[Codes, list[Any]]] = []
    fixed: dict[int, Any] = {}
    for place, name in enumerate(STATEMENT):
        array = days if name == "as_of" else column(claims, name)
        if array is None or array.null_count == len(array):
            fixed[place] = None
            continue
        own, values = encode(array)
        if len(values) == 1:
            fixed[place] = values[0]
            continue
        spans.append((own, [place, values]))
        codes = own if codes is None else _refactor(codes * np.int64(len(values)) + own, spans, values)
    if codes is None:
        return np.zeros(claims.num_rows, dtype=np.int64), [_tuple(fixed, {})]
    if len(spans) == 1:
        place, values = spans[0][1]
        return codes, [_tuple(fixed, {place: v}) for v in values]
    first = _first(codes, int(codes.max()) + 1)
    named = [{place: values[own[i]] for own, (place, values) in spans} for i in first]
    return codes, [_tuple(fixed, n) for n in named]


def _tuple(fixed: dict[int, Any], varying: dict[int, Any]) -> tuple[Any, ...]:
    return tuple(varying.get(i, fixed.get(i)) for i in range(len(STATEMENT)))


def _refactor(codes: Codes, spans: Any, values: Any) -> Codes:
    """Number the codes anew from 0 without gaps, so that a further column never overflows."""
    dense = pa.array(codes).dictionary_encode()
    return np.asarray(dense.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _first(codes: Codes, count: int) -> Codes:
    first = np.full(count, -1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def encode(array: pa.Array) -> tuple[Codes, list[Any]]:
    """Return codes and the values they stand for, each once and none that no row has; null is a value where it occurs."""
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = array.dictionary
    codes = np.asarray(array.indices.fill_null(len(values)).to_numpy(zero_copy_only=False), dtype=np.int64)
    used = np.bincount(codes, minlength=len(values)) > 0
    if not used.all():  # a reader's dictionary goes on from batch to batch
        codes = (np.cumsum(used) - 1)[codes]
        values = values.take(pa.array(np.flatnonzero(used[: len(values)])))
    unique = values.dictionary_encode()
    if len(unique.dictionary) != len(values):
        values = unique.dictionary
        again = np.asarray(unique.indices.fill_null(len(values)).to_numpy(zero_copy_only=False), dtype=np.int64)
        codes = np.append(again, len(values))[codes]
    return codes, [*values.to_pylist(), *([None] if (codes == len(values)).any() else [])]


def _sets(codes: Codes, starts: Codes) -> tuple[Codes, list[tuple[int, ...]]]:
    """Return, for items of several claims, a code each and the distinct sets of statements they stand for."""
    numbers: dict[tuple[int, ...], int] = {}
    ends = np.append(starts[1:], len(codes))
    of_item = np.empty(len(starts), dtype=np.int64)
    for item, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        key = tuple(sorted(set(codes[start:end].tolist())))
        of_item[item] = numbers.setdefault(key, len(numbers))
    return of_item, list(numbers)


def _finding(claims: pa.RecordBatch, codes: Codes, done: Sequence[Conclusion], page_key: str) -> pa.RecordBatch:
    length = claims.num_rows
    columns: dict[str, pa.Array] = {"level": constant("item", length), "page_key": constant(page_key, length)}
    columns |= {name: pa.nulls(length, pa.string()) for name in ("origin", "origin_status")}
    indices = pa.array(codes.astype(np.int32))
    for name, attribute in CONCLUDED.items():
        values = pa.array([getattr(c, attribute) for c in done], pa.string()).dictionary_encode()
        columns[name] = pa.DictionaryArray.from_arrays(values.indices.take(indices), values.dictionary)
    for name in ("item_id", "row", "was_derived_from", "error", *KEPT):
        array = column(claims, name)
        columns[name] = pa.nulls(length, CLAIM.field(name).type) if array is None else array
    return pa.RecordBatch.from_arrays([columns[f.name] for f in FINDING], names=FINDING.names)
