"""Made-up items in the form of the Internet Archive's metadata API, and a recorded one."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.sources import internet_archive
from tests.sources.following import follow, license_of

BY = "http://creativecommons.org/licenses/by/3.0/"


def one(tmp_path: Path, answer: Any) -> list[dict[str, Any]]:
    return follow(internet_archive, ["internet-archive:item:kettle_1"], {"/metadata/kettle_1": answer}, tmp_path).rows


def test_an_item_is_read_word_for_word(tmp_path: Path) -> None:
    known = {
        "identifier": "kettle_1",
        "title": "A kettle",
        "creator": ["Ann", "Ben"],
        "mediatype": "audio",
        "licenseurl": BY,
    }
    (row,) = one(tmp_path, {"created": 1, "metadata": known})
    assert row == {
        "item_id": "internet-archive:item:kettle_1",
        "row": 0,
        "item_url": "https://archive.org/details/kettle_1",
        "title": "A kettle",
        "creator": "Ann; Ben",
        "kind": "audio",
        "license_url": BY,
        "authority": "host",
        "place": "archive.org",
    }


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"rights": "<a href='x'>All rights reserved</a>"}, ["LicenseRef-All-Rights-Reserved"]),
        ({"licenseurl": BY, "rights": "For research only"}, ["CC-BY-3.0", "LicenseRef-academic-only"]),
        ({"possible-copyright-status": "NOT_IN_COPYRIGHT"}, ["NOASSERTION"]),
        ({"title": "A kettle"}, ["NONE"]),
    ],
)
def test_each_statement_is_a_claim(tmp_path: Path, known: dict[str, Any], expected: list[str]) -> None:
    assert [license_of(r) for r in one(tmp_path, {"metadata": known})] == expected


@pytest.mark.parametrize(
    ("answer", "begins"),
    [({}, "gone"), ({"is_dark": True}, "gone"), (404, "gone"), (400, "not reached"), ([], "not reached")],
)
def test_what_is_not_there(tmp_path: Path, answer: Any, begins: str) -> None:
    assert [r["error"].split(":")[0] for r in one(tmp_path, answer)] == [begins]


def test_a_recorded_item(real_data: Path, tmp_path: Path) -> None:
    recorded = json.loads((real_data / "internet_archive" / "nasa.json").read_text("utf-8"))
    (row,) = one(tmp_path, recorded)
    assert (row["title"], row["kind"], license_of(row)) == ("NASA Images", "collection", "NOASSERTION")
