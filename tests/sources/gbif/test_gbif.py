"""GBIF's API answers on occurrences: a medium's licence is its own, never the record's."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import auditor
from auditor.errors import BadInput

ANSWER = Path(__file__).parent / "occurrences.json"


def test_record_and_media_are_items_of_their_own(tmp_path: Path) -> None:
    done = auditor.audit(str(ANSWER), tmp_path / "out")
    rows = {r["item_id"]: r for r in done.findings.to_table().to_pylist()}
    assert {i: (r["license_declared"], r["license_concluded"], r["verdict"]) for i, r in rows.items()} == {
        "gbif:occurrence:41": ("CC0-1.0", "CC0-1.0", "free"),
        "gbif:occurrence:41/media/0": ("CC-BY-NC-4.0", "CC-BY-NC-4.0", "non-free"),
        "gbif:occurrence:41/media/1": ("NONE", "NOASSERTION", "undetermined"),
        "gbif:occurrence:41/media/2": (*["LicenseRef-All-Rights-Reserved"] * 2, "non-free"),
        "gbif:occurrence:42": ("NOASSERTION", "NOASSERTION", "undetermined"),
    }
    first = rows["gbif:occurrence:41/media/0"]
    assert (first["item_url"], first["was_derived_from"]) == ("https://h.example/1.jpg", ["https://h.example/photos/1"])
    assert (first["kind"], first["creator"], first["label"]) == ("StillImage", "Ada", "Fictus fictus")


def test_an_answer_without_occurrences_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"count": 0, "license": null, "basisOfRecord": ["HUMAN_OBSERVATION"]}')
    with pytest.raises(BadInput, match="holds no GBIF occurrence"):
        auditor.audit(str(tmp_path / "a.json"), tmp_path / "out")


def test_real_answers(real_data: Path, tmp_path: Path) -> None:
    """An independent reading of each record and medium: a Creative Commons URL by its path, nothing as nothing."""
    seen: Counter[str] = Counter()
    for path in sorted((real_data / "gbif" / "api_json").glob("*.json")):
        results = json.loads(path.read_text())["results"]
        if "basisOfRecord" not in results[0]:
            continue
        works = [w for r in results for w in (r, *r.get("media", []))]
        published = [e for r in results for rows in r.get("extensions", {}).values() for e in rows]
        apart = {v for e in published if any("rights" in k.lower() for k in e) for v in e.values()}
        done = auditor.audit(str(path), tmp_path / path.stem)
        rows = sorted(done.findings.to_table().to_pylist(), key=lambda r: r["row"])
        assert len(rows) == len(works), path
        for row, work in zip(rows, works, strict=True):
            said = work.get("license")
            found = re.fullmatch(
                r"https?://creativecommons.org/(licenses|publicdomain)/([a-z-]+)/([\d.]+)/(legalcode)?", said or ""
            )
            if found:
                named = f"CC-{found[2].upper()}-{found[3]}" if found[1] == "licenses" else f"CC0-{found[3]}"
                assert row["license_concluded"] == named or (row["item_url"] in apart and row["verdict"] != "free"), row
                seen[named] += 1
            elif said == "All rights reserved":
                assert row["license_concluded"] == "LicenseRef-All-Rights-Reserved"
                seen[said] += 1
            else:
                assert row["verdict"] != "free" or "extensions" in json.dumps(work), row
                seen["other"] += 1
    assert seen["CC-BY-4.0"] > 900 and seen["All rights reserved"] == 15 and seen["other"] < 100
