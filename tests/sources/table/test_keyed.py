"""Records of JSON documents that stand in objects by their keys, and in groups of such objects; and the real catalogue."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor import Audit, audit

FREE, BOUND = (
    {"url": "https://a.example/1", "license": "CC0-1.0"},
    {"url": "https://a.example/2", "license": "CC-BY-NC-4.0"},
)


def written(path: Path, document: dict[str, Any]) -> Path:
    file = path / "catalogue.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def licenses(done: Audit) -> dict[str, str]:
    table = done.findings.to_table(columns=["item_id", "license_concluded"])
    return dict(zip(*(table[c].to_pylist() for c in table.column_names), strict=True))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"a": FREE, "b": BOUND}, {"a": "CC0-1.0", "b": "CC-BY-NC-4.0"}),
        ({"datasets": {"a": FREE, "b": BOUND}}, {"a": "CC0-1.0", "b": "CC-BY-NC-4.0"}),
        ({"version": 2, "by": {"name": "x"}, "sets": {"a": FREE, "b": BOUND}}, {"a": "CC0-1.0", "b": "CC-BY-NC-4.0"}),
        (
            {"north": {"a": FREE, "b": BOUND}, "south": {"c": FREE}, "alone": BOUND, "made": "2026"},
            {"north.a": "CC0-1.0", "north.b": "CC-BY-NC-4.0", "south.c": "CC0-1.0", "alone": "CC-BY-NC-4.0"},
        ),
        (
            {"north": {"deep": {"a": BOUND}, "b": FREE}, "south": {"c": FREE}},
            {"north.deep.a": "CC-BY-NC-4.0", "north.b": "CC0-1.0", "south.c": "CC0-1.0"},
        ),
    ],
)
def test_each_record_is_an_item_however_they_are_grouped(
    document: dict[str, Any], expected: dict[str, str], tmp_path: Path
) -> None:
    done = audit(str(written(tmp_path, document)), tmp_path / "out")
    assert licenses(done) == expected
    assert done.verify()


def test_records_with_the_same_parts_are_no_groups(tmp_path: Path) -> None:
    """Each has a photo and a sound that are licensed apart: what is said of them binds with the record."""
    record = {"photo": {"license": "CC0-1.0"}, "sound": {"license": "CC-BY-NC-4.0"}}
    done = audit(str(written(tmp_path, {"a": record, "b": record})), tmp_path / "out")
    assert sorted(licenses(done)) == ["a", "b"]
    assert set(done.findings.to_table()["verdict"].to_pylist()) == {"non-free"}


def test_what_npm_installs_is_no_list_of_items(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    packages = {"": {"name": "x", "license": "MIT"}, "node_modules/a": {"version": "1", "license": "MIT"}}
    file = written(tmp_path, {"name": "x", "lockfileVersion": 3, "packages": packages})
    assert auditor("audit", file, "-o", tmp_path / "out").code == 2


@pytest.mark.parametrize(
    "document", [{"sets": {"a": FREE, "b": BOUND}}, {"x": {"a": FREE, "b": BOUND}, "y": {"c": BOUND}}]
)
def test_a_subset_keeps_the_groups_that_something_is_left_of(document: dict[str, Any], tmp_path: Path) -> None:
    done = audit(str(written(tmp_path, document)), tmp_path / "out")
    done.filter(tmp_path / "free.json", form="original")
    assert json.loads((tmp_path / "free.json").read_text()) == {next(iter(document)): {"a": FREE}}


def test_the_real_catalogue_of_geodatasets(real_data: Path, tmp_path: Path) -> None:
    """By an independent walk: every object with a `url` and a `license` is a data set."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield from [value] if {"url", "license"} <= value.keys() else (x for v in value.values() for x in walk(v))

    file = real_data / "geodatasets" / "database.json"
    known = list(walk(json.loads(file.read_text(encoding="utf-8"))))
    done = audit(str(file), tmp_path / "out")
    found = done.findings.to_table(columns=["item_id", "statement"]).to_pylist()
    assert len(found) == len(known) > 70
    assert {r["item_id"] for r in found} == {k["name"] for k in known}
    assert Counter(r["statement"] for r in found) == Counter(k["license"] for k in known)
