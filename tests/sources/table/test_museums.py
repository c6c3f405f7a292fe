"""Answers of museums' and image hosts' APIs, kept as JSON: where the records stand, and where each states its licence."""

import json
from pathlib import Path
from typing import Any

import pytest

import auditor
from tests.sources.table.test_table import found

CC0, BY = "https://creativecommons.org/publicdomain/zero/1.0/", "https://creativecommons.org/licenses/by/4.0/"


def read(said: Any, folder: Path) -> list[tuple[str, str]]:
    path = folder / "answer.json"
    path.write_text(json.dumps(said, indent=1))
    return [(r["item_id"], r["license_concluded"]) for r in found(path, folder / "out")]


OBJECT = {"id": 7, "accession_number": "1.2", "title": "Kettle", "artists": [{"id": 1, "name": "Ann"}]}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # Brooklyn Museum: an object of rights, and pictures that say nothing themselves
        (
            OBJECT | {"rights_type": {"name": "CC 3D", "public_name": "Creative Commons-BY"}, "images": [{"id": 8}]},
            [("7", "LicenseRef-CC-BY")],
        ),
        ({"data": OBJECT | {"license": "CC0"}, "message": "Success.", "errorCode": 0}, [("7", "CC0-1.0")]),
        # PhyloPic, of 2020 and of today
        ({"result": {"uid": "a-1", "credit": "Bo", "licenseURL": CC0}, "success": True}, [("a-1", "CC0-1.0")]),
        ({"_links": {"license": {"href": BY}, "self": {"href": "/x"}}, "uuid": "a-2"}, [("a-2", "CC-BY-4.0")]),
        (
            {
                "id": "all",
                "_links": {"self": {"href": "/x"}},
                "_embedded": {"items": [{"id": "i", "license": "CC0"}, {"id": "j"}]},
            },
            [("i", "CC0-1.0"), ("j", "NOASSERTION")],
        ),
        # New York Public Library: lists three and four objects deep
        (
            {"nyplAPI": {"response": {"captures": {"capture": [{"imageID": "5", "rightsStatementURI": {"$": CC0}}]}}}},
            [("5", "CC0-1.0")],
        ),
        # Finna, Openverse's own, rawpixel
        ({"records": [{"id": "x", "imageRights": {"copyright": "CC BY 4.0", "link": BY}}]}, [("x", "CC-BY-4.0")]),
        (
            [{"foreign_identifier": "y", "license_info": {"license": "by", "version": "4.0", "url": BY}}],
            [("y", "CC-BY-4.0")],
        ),
        (
            {"results": [{"id": 3, "metadata": {"license": "cc0", "licenseUrl": CC0, "licenseSource": "us"}}]},
            [("3", "CC0-1.0")],
        ),
        ({"foreign_identifier": "z", "license": "CC0", "tags": ["a"]}, [("z", "CC0-1.0")]),
        # Europeana's records, Auckland Museum's hits and documents, the Internet Archive's search
        (
            {
                "success": True,
                "object": {"aggregations": [{"about": "/a", "edmRights": {"def": [CC0]}}], "agents": [{}]},
            },
            [("answer.json#0", "CC0-1.0")],
        ),
        (
            {
                "took": 1,
                "hits": {"hits": [{"_id": "h", "_source": {"copyright": ["© The Museum CC BY"], "refs": [{}]}}]},
            },
            [("h", "LicenseRef-CC-BY")],
        ),
        (
            {"_id": "h", "_source": {"copyright": ["All Rights Reserved"], "refs": [{}]}},
            [("h", "LicenseRef-All-Rights-Reserved")],
        ),
        (
            {
                "responseHeader": {"status": 0},
                "response": {"numFound": 1, "docs": [{"identifier": "d", "licenseurl": BY}]},
            },
            [("d", "CC-BY-4.0")],
        ),
        # a copyright notice alone is no licence
        (
            [{"id": 1, "copyright": "© Ann"}, {"id": 2, "copyright": "© Ben"}],
            [("1", "NOASSERTION"), ("2", "NOASSERTION")],
        ),
        # a list that states licences before one that does not
        ({"categories": [{"id": 1}], "photos": [{"id": 2, "license": "CC0"}]}, [("2", "CC0-1.0")]),
        # a list of a dataset's items is not one record, whatever is said beside it
        (
            {"id": "d", "info": {"license": "CC0"}, "clips": [{"id": "a"}, {"id": "b"}]},
            [("a", "NOASSERTION"), ("b", "NOASSERTION")],
        ),
    ],
)
def test_where_records_and_licences_stand(said: Any, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    assert read(said, tmp_path) == expected


def media(*licenses: str | None) -> list[dict[str, Any]]:
    return [{"type": "Images", "usage": {"access": said} if said else {}} for said in licenses]


@pytest.mark.parametrize(
    ("record", "concluded"),
    [
        ({"online_media": {"media": media("CC0", "CC0")}}, "CC0-1.0"),  # the Smithsonian
        ({"online_media": {"media": media("CC0", None)}}, "NOASSERTION"),
        ({"online_media": {"media": media("CC0", "Usage conditions apply")}}, "NOASSERTION"),
        (
            {"online_media": {"media": media("CC0")}, "objectRights": [{"label": "Rights", "content": "© Ann"}]},
            "NOASSERTION",
        ),
        ({"multimedia": [{"source": {"legal": {"rights": [{"usage_terms": "CC BY 4.0"}]}}}]}, "CC-BY-4.0"),
        ({"images": [{"license": "CC BY 4.0"}, {"license": "CC BY-NC 4.0"}]}, "NOASSERTION"),
        ({"images": [{"license": "CC0"}, "b.jpg"]}, "NOASSERTION"),
        ({"images": [{"license": "CC0"}], "text": "An article with a free picture."}, "NOASSERTION"),
        ({"images": [{"license": "CC0"}], "video_url": "https://a.example/1.mp4"}, "NOASSERTION"),
        ({"sources": [{"license": "CC0"}]}, "NOASSERTION"),
        ({"metadata_usage": {"access": "CC0"}, "images": [{"id": 1}]}, "NOASSERTION"),
    ],
)
def test_what_all_media_of_a_record_say_is_said_of_it(record: dict[str, Any], concluded: str, tmp_path: Path) -> None:
    """Science Museum's, the Smithsonian's: the pictures are what the record is of, where it says nothing of its own."""
    said = {"rows": [{"id": "a", "title": "Jug"} | record]}
    assert read(said, tmp_path) == [("a", concluded)]


def test_a_record_that_says_nothing_beside_those_that_do_is_not_freed_by_its_media(tmp_path: Path) -> None:
    rows = [{"id": "a", "license": None, "photos": [{"license": "CC0"}]}, {"id": "b", "license": "CC BY 4.0"}]
    assert read(rows, tmp_path) == [("a", "NOASSERTION"), ("b", "CC-BY-4.0")]


def test_records_one_after_the_other_are_items_each(tmp_path: Path) -> None:
    """As Common Pile's examples are: JSON objects over several lines each, without a list around them."""
    said = [
        {"id": n, "text": "x", "metadata": {"license": name}} for n, name in enumerate(("CC0", "CC BY-NC 4.0", "CC0"))
    ]
    path = tmp_path / "examples.jsonl"
    path.write_text("\n".join(json.dumps(s, indent=4) for s in said) + "\n")
    assert [r["license_concluded"] for r in found(path, tmp_path / "out")] == ["CC0-1.0", "CC-BY-NC-4.0", "CC0-1.0"]
    auditor.Audit(tmp_path / "out").filter(tmp_path / "kept.json", form="original")
    assert [r["item_id"] for r in found(tmp_path / "kept.json", tmp_path / "again")] == ["0", "2"]


def test_one_record_in_an_answer_is_kept_or_left_out(tmp_path: Path) -> None:
    said = {"result": {"uid": "a-1", "licenseURL": CC0}, "success": True}
    read(said, tmp_path)
    done = auditor.Audit(tmp_path / "out")
    done.filter(tmp_path / "kept.json", form="original")
    assert json.loads((tmp_path / "kept.json").read_text()) == said
