"""Made-up files in the form of Commons' structured data, and the recorded ones."""

import bz2
import json
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.licensing import read
from auditor.sources import mediainfo
from auditor.target import Target

CC0, BY_SA, BY_NC = "Q6938433", "Q18199165", "Q34179348"


def statement(item: str | None, rank: str = "normal", **qualifiers: str) -> dict[str, Any]:
    said = {"value": {"entity-type": "item", "id": item}, "type": "wikibase-entityid"}
    snak: dict[str, Any] = {"snaktype": "value", "datavalue": said} if item else {"snaktype": "somevalue"}
    bounds = {k: [{"snaktype": "value", "datavalue": {"value": v, "type": "string"}}] for k, v in qualifiers.items()}
    return {"mainsnak": snak, "type": "statement", "rank": rank, "qualifiers": bounds}


def entity(number: int, *licenses: dict[str, Any], **more: Any) -> dict[str, Any]:
    statements = {"P275": list(licenses)} if licenses else {}
    labels = {"en": {"language": "en", "value": f"A kettle {number}"}}
    return {"type": "mediainfo", "id": f"M{number}", "labels": labels, "statements": statements | more}


def rows(path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert mediainfo.knows(target) > 0.95
    (page,) = mediainfo.fetch(target, Get(path.parent / "store"))
    return [r for b in mediainfo.parse(page) for r in b.to_pylist()]


def dump(entities: list[Any]) -> bytes:
    return ("[\n" + ",\n".join(e if isinstance(e, str) else json.dumps(e) for e in entities) + "\n]\n").encode()


FORMS = {
    "commons-20260101-mediainfo.json": dump,
    "commons-20260101-mediainfo.json.bz2": lambda e: bz2.compress(dump(e)),
    "answer.json": lambda e: json.dumps({"entities": {one["id"]: one for one in e}, "success": 1}).encode(),
    "pretty.json": lambda e: json.dumps(e, indent=1).encode(),
    "lines.jsonl": lambda e: "".join(json.dumps(one) + "\n" for one in e).encode(),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_file_has_the_licence_that_its_statements_give(name: str, tmp_path: Path) -> None:
    author = {"P170": [statement(None, P2093="Ann")]}
    source = {"P7482": [statement("Q74228490", P973="https://www.flickr.com/photos/ann/123/")]}
    entities = [
        entity(1, statement(CC0), **author, **source),
        entity(2, statement(CC0), statement(BY_SA)),
        entity(3, statement(BY_NC, "deprecated"), statement(BY_SA)),
        entity(4, statement(CC0), statement(BY_NC, "preferred")),
        entity(5, statement(CC0, P582="2020")),
        entity(6, statement("Q1")),
        entity(7, statement(CC0), statement("Q1")),
        entity(8),
        entity(9, statement(None)),
        entity(10, P6216=[statement("Q19652")]),
    ]
    path = tmp_path / name
    path.write_bytes(FORMS[name](entities))
    found = rows(path)
    assert [r["item_id"] for r in found] == [f"commonswiki:{n}" for n in range(1, 11)]
    assert (found[0]["title"], found[0]["creator"]) == ("A kettle 1", "Ann")
    assert found[0]["was_derived_from"] == ["flickr:photo:123"]
    licenses = [
        r["license_concluded"] for r in auditor.audit(str(path), tmp_path / "out").findings.to_table().to_pylist()
    ]
    assert licenses[:4] == ["CC0-1.0", "CC0-1.0 OR CC-BY-SA-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0"]
    assert licenses[4:] == ["NOASSERTION"] * 6


def test_a_broken_line_and_what_is_no_entity_keep_their_places(tmp_path: Path) -> None:
    gone = {"id": "M4", "missing": ""}
    (tmp_path / "d.json").write_bytes(dump([entity(1, statement(CC0)), '{"id": "M2', {"id": "Q3"}, gone]))
    found = rows(tmp_path / "d.json")
    assert [bool(r["error"]) for r in found] == [False, True, True, True]
    assert "line 3" in found[1]["error"]


def test_one_document_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_bytes(json.dumps(entity(1, statement(CC0)), indent=1).encode()[:-20])
    with pytest.raises(BadInput, match="not whole JSON"):
        rows(path)


def test_alternatives_are_all_read_or_none() -> None:
    assert read(f"{CC0} OR {BY_SA}", vocabulary="wikidata").license == "CC0-1.0 OR CC-BY-SA-4.0"
    assert read(f"{CC0} OR Q1", vocabulary="wikidata").license == "NOASSERTION"


def test_real_slice_of_a_dump(real_data: Path) -> None:
    folder = real_data / "wikimedia"
    found = rows(folder / "commons_misc" / "commons-20231207-mediainfo.slice.json.bz2")
    assert [(r["item_id"], read(r["license_text"], vocabulary="wikidata").license) for r in found] == [
        ("commonswiki:76", "CC-BY-1.0"),
        ("commonswiki:99", "CC-BY-1.0"),
    ]
    (one,) = rows(folder / "dumps" / "wdtk" / "mediainfo.json")
    assert (one["title"], one["license_text"]) == ("File:Chick Corea & Stanley Clarke.jpg", None)
