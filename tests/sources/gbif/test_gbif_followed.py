"""Occurrences that items are followed to."""

from pathlib import Path

from auditor.sources import gbif
from tests.sources.following import follow, license_of

BY = "http://creativecommons.org/licenses/by/4.0/legalcode"
MEDIUM = {"type": "StillImage", "identifier": "https://a.example/1.jpg", "license": "all rights reserved"}


def test_an_occurrence_is_read_apart_from_its_media(tmp_path: Path) -> None:
    record = {"key": 1, "basisOfRecord": "HUMAN_OBSERVATION", "license": BY, "rightsHolder": "Ann", "media": [MEDIUM]}
    found = follow(gbif, ["gbif:occurrence:1", "gbif:occurrence:2"], {"/v1/occurrence/1": record}, tmp_path)
    (row,) = found.of("gbif:occurrence:1")
    assert (license_of(row), row["creator"], row["item_url"]) == (
        "CC-BY-4.0",
        "Ann",
        "https://www.gbif.org/occurrence/1",
    )
    assert [r["error"].split(":")[0] for r in found.of("gbif:occurrence:2")] == ["gone"]
