"""Made-up entities in the forms of Wikidata's dumps and answers, and the real sample of a dump."""

import bz2
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.sources import wikidata
from auditor.target import Target
from tests.conftest import Run

SNAK = {"snaktype": "value", "property": "P31", "datavalue": {"value": {"entity-type": "item", "numeric-id": 5}}}
ENTITIES: list[dict[str, Any]] = [
    {"type": "item", "id": "Q1", "labels": {"de": {"language": "de", "value": "Kessel"}}, "claims": {"P31": [SNAK]}},
    {"type": "property", "id": "P2", "labels": {"en": {"language": "en", "value": "made of"}}, "datatype": "string"},
    {"type": "lexeme", "id": "L3", "lemmas": {"en": {"language": "en", "value": "kettle"}}, "modified": "2024-01-02T"},
    {"type": "item", "id": "Q4", "labels": [], "claims": []},
]


def dump(entities: list[dict[str, Any]]) -> bytes:
    return ("[\n" + ",\n".join(map(json.dumps, entities)) + "\n]\n").encode()


FORMS = {
    "wikidata-20240101-all.json": dump(ENTITIES),
    "wikidata-20240101-all.json.gz": gzip.compress(dump(ENTITIES)),
    "wikidatawiki/entities/latest-all.json.bz2": bz2.compress(dump(ENTITIES)),
    "other/wikidata/20150105.json": dump(ENTITIES),
    "wikidatawiki/answer.json": json.dumps({"entities": {e["id"]: e for e in ENTITIES}, "success": 1}).encode(),
    "wikidatawiki/pretty.json": json.dumps(ENTITIES, indent=1).encode(),
}


def found(path: Path, out: Path, **options: Any) -> list[dict[str, Any]]:
    done = auditor.audit(str(path), out, **options)
    assert done.info["source"] == "wikidata"
    rows: list[dict[str, Any]] = done.findings.to_table().to_pylist()
    return rows


def written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", FORMS)
def test_entities_of_wikidata_are_cc0(name: str, tmp_path: Path) -> None:
    rows = found(written(tmp_path / name, FORMS[name]), tmp_path / "out")
    assert [(r["item_id"], r["title"], r["kind"]) for r in rows] == [
        ("wikidatawiki:Q1", "Kessel", "item"),
        ("wikidatawiki:P2", "made of", "property"),
        ("wikidatawiki:L3", "kettle", "lexeme"),
        ("wikidatawiki:Q4", None, "item"),
    ]
    assert {(r["license_concluded"], r["verdict"]) for r in rows} == {("CC0-1.0", "free")}


def test_entities_of_whom_nobody_knows_are_unknown_until_the_user_says(tmp_path: Path, auditor: Any) -> None:
    path = written(tmp_path / "entities.json", dump(ENTITIES))
    run: Run = auditor("audit", path, "-o", tmp_path / "a")
    assert "if they are Wikidata's, say --manifest wikidata" in run.err
    assert {r["verdict"] for r in found(path, tmp_path / "b")} == {"undetermined"}
    assert {r["verdict"] for r in found(path, tmp_path / "c", manifest="wikidata")} == {"free"}


def test_what_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    odd: list[Any] = [ENTITIES[0], {"type": "item"}, {"id": "Q9", "missing": ""}, {"type": "sense", "id": "S1"}]
    rows = found(written(tmp_path / "wikidata-20240101-all.json", dump(odd)), tmp_path / "out")
    assert [(bool(r["error"]), r["verdict"]) for r in rows] == [
        (False, "free"),
        (True, "undetermined"),
        (True, "undetermined"),
        (False, "undetermined"),
    ]


@pytest.mark.parametrize(
    "record",
    [{"type": "item", "id": "7", "labels": ["cat"]}, {"type": "photo", "id": "Q7", "labels": {}}, {"id": "Q7"}],
)
def test_other_records_are_not_taken(tmp_path: Path, record: dict[str, Any]) -> None:
    path = written(tmp_path / "a.json", dump([record] * 3))
    assert wikidata.knows(Target(str(path), path)) == 0


def test_real_sample_of_a_dump(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "wikimedia/dumps/wdtk/sample-dump-20150815.json.gz"
    lines = gzip.decompress(path.read_bytes()).decode().strip().splitlines()[1:-1]
    wanted = [json.loads(line.rstrip(",")) for line in lines]
    rows = found(path, tmp_path / "out", manifest="wikidata")
    assert [r["item_id"] for r in rows] == [f"wikidatawiki:{e['id']}" for e in wanted]
    assert Counter(r["license_concluded"] for r in rows) == {"CC0-1.0": len(wanted)}
