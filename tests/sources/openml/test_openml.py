"""Made-up OpenML descriptions, and the real ones: `Public` is no licence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import openml
from auditor.target import Target
from tests.sources.huggingface.hub import serving
from tests.sources.records import claims, of, stated

XML = '<oml:data_set_description xmlns:oml="http://openml.org/openml"><oml:id>7</oml:id><oml:name>birds</oml:name>{}</oml:data_set_description>'
JSON = '{"data_set_description": {"id": "7", "name": "birds", "licence": "CC_BY 4.0", "original_data_url": "https://x.example/old"}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (XML.format("<oml:licence>CC0</oml:licence>"), [("CC0", None)]),
        (XML.format("<oml:licence/>"), []),
        (XML.format(""), []),
        (JSON, [("CC_BY 4.0", None)]),
    ],
)
def test_the_licence_is_what_the_uploader_said(tmp_path: Path, text: str, said: list[Any]) -> None:
    found = of(text, "openml", tmp_path, "description.xml" if text[0] == "<" else "data.json")["dataset"]
    assert stated(found) == said
    assert {c["item_id"] for c in found} <= {"openml:7"}


def test_a_page_is_asked_for_at_the_api(tmp_path: Path) -> None:
    target = Target("https://www.openml.org/d/7")
    assert best(target) == "openml"
    with serving({"/api/v1/json/data/7": JSON.encode()}) as (address, _):
        (page,) = openml.fetch(target, Get(tmp_path, endpoints={"openml": address}))
    assert page.level == "dataset"


def test_public_is_no_licence_in_the_real_descriptions(
    real_data: Path, tmp_path: Path, auditor: Callable[..., Any]
) -> None:
    places = [
        *sorted((real_data / "openml").rglob("description.xml")),
        real_data / "openml/mock_responses/datasets/data_description_61.xml",
    ]
    for place in places:
        assert stated(claims(place, "openml", tmp_path)["dataset"]) == [("Public", None)]
    assert auditor("audit", places[0], "-o", tmp_path / "audit").code == 0
    (row,) = [r for f in (tmp_path / "audit/findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert (row["verdict"], row["license_concluded"]) == ("undetermined", "NOASSERTION")
