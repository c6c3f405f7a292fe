"""Observations and photos that items are followed to: made-up answers, and recorded ones."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from auditor.sources import inaturalist
from tests.replica.server import Asked
from tests.sources.following import follow, license_of


def observation(number: int, code: str | None) -> dict[str, Any]:
    photo = {"id": 900 + number, "license_code": "cc-by-nd", "attribution": "(c) Ann, some rights reserved (CC BY-ND)"}
    return {
        "id": number,
        "quality_grade": "research",
        "license_code": code,
        "user": {"login": "ann"},
        "photos": [photo],
    }


def test_observations_are_asked_together_and_photos_by_their_page(tmp_path: Path) -> None:
    page = '<table><tr><td><img src="1.jpg"></td><td>(c) Ann <a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a></td></tr></table>'
    reserved = "<title>Photo 9, (c) Ann, all rights reserved · iNaturalist</title>"
    answers = {
        "/photos/9": reserved,
        "/photos/10": reserved.replace("all rights reserved", "some rights reserved (CC BY-NC)"),
        "/v1/observations": {"results": [observation(1, "cc-by-nc"), observation(2, None)]},
        "/photos/7": page,
    }
    keys = [
        "inaturalist:observation:1",
        "inaturalist:photo:7",
        "inaturalist:observation:2",
        "inaturalist:observation:3",
        "inaturalist:photo:9",
        "inaturalist:photo:10",
        "inaturalist:photo:8",
    ]
    found = follow(inaturalist, keys, answers, tmp_path)
    assert {r["item_id"]: r.get("error", license_of(r))[:20] for r in found.rows} == {
        "inaturalist:observation:1": "LicenseRef-CC-BY-NC",
        "inaturalist:observation:2": "LicenseRef-All-Right",
        "inaturalist:observation:3": "gone: iNaturalist sh",
        "inaturalist:photo:7": "CC-BY-4.0",
        "inaturalist:photo:9": "LicenseRef-All-Right",
        "inaturalist:photo:10": "LicenseRef-CC-BY-NC",
        "inaturalist:photo:8": found.of("inaturalist:photo:8")[0]["error"][:20],
    }
    assert len(found.asked) == 5


def test_many_observations_are_many_requests(tmp_path: Path) -> None:
    def host(asked: Asked) -> Any:
        ids = asked.query["id"].split(",") if "id" in asked.query else []
        return {"results": [observation(int(i), "cc0") for i in ids]}

    keys = [f"inaturalist:observation:{n}" for n in range(450)]
    found = follow(inaturalist, keys, host, tmp_path)
    assert Counter(r["item_id"] for r in found.rows) == dict.fromkeys(keys, 1)
    assert {license_of(r) for r in found.rows} == {"CC0-1.0"}
    assert len(found.asked) == 3


def test_recorded_answers(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "inaturalist" / "pyinaturalist" / "v1"
    recorded: dict[str, Any] = {}
    for path in sorted(folder.glob("get_observation*.json")):
        for one in json.loads(path.read_text("utf-8")).get("results", []):
            if isinstance(one, dict) and "quality_grade" in one and "license_code" in one:
                recorded.setdefault(str(one["id"]), one)
    assert len(recorded) >= 5

    def host(asked: Asked) -> Any:
        return {"results": [recorded[i] for i in asked.query["id"].split(",")]} if "id" in asked.query else None

    found = follow(inaturalist, [f"inaturalist:observation:{i}" for i in recorded], host, tmp_path)
    expected = [one["license_code"] or "license_code: null" for one in recorded.values()]
    assert [r["license_text"] for r in found.rows] == expected
    assert "NOASSERTION" not in {license_of(r) for r in found.rows}
