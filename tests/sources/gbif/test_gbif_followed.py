"""Occurrences that items are followed to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import auditor as library
from auditor.sources import gbif
from tests.replica.server import Asked, Replica
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


def test_what_an_occurrences_own_host_says_comes_first(auditor: Callable[..., Any], tmp_path: Path) -> None:
    """GBIF makes CC BY-NC of iNaturalist's CC BY: https://github.com/gbif/portal-feedback/issues/2127, occurrence 2283253659.

    The issue gives both statements; the number of the observation is made up.
    """
    record = {
        "key": 2283253659,
        "basisOfRecord": "HUMAN_OBSERVATION",
        "license": "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
        "references": "https://www.inaturalist.org/observations/1",
        "media": [],
    }
    (tmp_path / "gbif.json").write_text(json.dumps({"results": [record]}))
    observed = {"id": 1, "license_code": "cc-by", "quality_grade": "research", "uri": record["references"], "user": {}}

    def answer(_: Asked) -> Any:
        return {"total_results": 1, "results": [observed]}

    with Replica() as replica:
        given = ("--follow", "--endpoint", f"inaturalist={replica.host(answer).url}", "--endpoint")
        done = auditor(
            "audit", tmp_path / "gbif.json", "-o", tmp_path / "a", *given, f"gbif={replica.host({}).url}",
            "--policy", "open-definition",
        )  # fmt: skip
    assert done.code == 0, done.err
    (found,) = library.Audit(tmp_path / "a").findings.to_table().to_pylist()
    assert found["conflict"].startswith("host against aggregator; host: cc-by")
    assert "by-nc/4.0/legalcode (CC-BY-NC-4.0)" in found["conflict"]
    assert (found["license_concluded"], found["category"]) == ("NOASSERTION", "non-commercial")
    assert found["verdict"] != "free"
