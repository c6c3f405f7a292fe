"""iNaturalist's API answers: observation, photo and sound are items of their own; null is all rights reserved."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.errors import BadInput

ANSWER = Path(__file__).parent / "observations.json"
WANTED = {
    "inaturalist:observation:11": ("CC0-1.0", "free", "Ada L.", "observation"),
    "inaturalist:observation:12": ("NOASSERTION", "undetermined", "bo", "observation"),
    "inaturalist:photo:101": ("LicenseRef-All-Rights-Reserved", "non-free", "Ada L.", "photo"),
    "inaturalist:photo:102": ("LicenseRef-CC-BY", "undetermined", "Ada L.", "photo"),
    "inaturalist:photo:900": ("LicenseRef-CC-BY-NC", "non-free", "Cy", "photo of a taxon"),
    "inaturalist:sound:201": ("LicenseRef-CC-BY-NC-ND", "non-free", "Ada L.", "sound"),
}


def found(path: Path, out: Path) -> dict[str, dict[str, Any]]:
    done = auditor.audit(str(path), out)
    assert done.info["source"] in ("inaturalist", "folder")
    rows = done.findings.to_table().to_pylist()
    assert len({r["item_id"] for r in rows}) == len(rows)
    return {r["item_id"]: r for r in rows}


def seen(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str, str, str]]:
    return {i: (r["license_concluded"], r["verdict"], r["creator"], r["kind"]) for i, r in rows.items()}


def test_every_work_has_its_own_licence(tmp_path: Path) -> None:
    rows = found(ANSWER, tmp_path / "out")
    assert seen(rows) == WANTED
    assert rows["inaturalist:photo:101"]["statement"] == "license_code: null"
    assert rows["inaturalist:photo:102"]["label"] == "Fictus fictus"
    assert rows["inaturalist:observation:12"]["license_declared"] == "NONE"
    assert rows["inaturalist:sound:201"]["item_url"].endswith("/201.wav")


def test_an_observation_whose_licence_was_not_asked_for(tmp_path: Path) -> None:
    """As the answer to making one has it; words of the API in other answers make no observation."""
    made = {"id": 7, "uuid": "u7", "species_guess": "Fictus", "observed_on": "2024-05-01"}
    (tmp_path / "made.json").write_text(json.dumps(made))
    (row,) = found(tmp_path / "made.json", tmp_path / "made.out").values()
    assert (row["item_id"], row["license_declared"], row["verdict"]) == (
        "inaturalist:observation:7",
        "NONE",
        "undetermined",
    )
    rule = {"field": "quality_grade", "value": "research"}
    project = {"id": 3, "title": "Fictions", "search_parameters": [rule], "icon": "https://inaturalist.example/i.png"}
    (tmp_path / "projects.json").write_text(json.dumps({"results": [project] * 2}))
    assert auditor.audit(str(tmp_path / "projects.json"), tmp_path / "projects").info["source"] == "table"


def test_answers_of_the_older_api(tmp_path: Path) -> None:
    """An observation's code is called `license`; a photo has a number there, and names and URLs of its licence."""
    by = {"license": 4, "license_code": "CC-BY", "license_url": "http://creativecommons.org/licenses/by/4.0/"}
    nc = {"license": 2, "license_name": "Creative Commons Attribution-NonCommercial License"}
    photos = [
        {"id": 21, "type": "LocalPhoto", **by},
        {"id": 22, "type": "FlickrPhoto", **by},
        {"id": 23, **nc, "license_url": "http://creativecommons.org/licenses/by-nc/4.0/"},
        {"id": 24, "license": 0, "license_code": "C", "license_url": "http://en.wikipedia.org/wiki/Copyright"},
        {"id": 25, "license": 7, "license_code": "PD", "license_url": "http://en.wikipedia.org/wiki/Public_domain"},
    ]
    first = {"id": 1, "observed_on": "2018-09-05", "quality_grade": "research", "license": "CC0", "photos": photos}
    second = {"id": 2, "observed_on": "2018-09-05", "quality_grade": "research", "license": None, "photos": []}
    (tmp_path / "a.json").write_text(json.dumps([first, second]))
    assert {i: r["license_concluded"] for i, r in found(tmp_path / "a.json", tmp_path / "out").items()} == {
        "inaturalist:observation:1": "CC0-1.0",
        "inaturalist:photo:21": "CC-BY-4.0",
        "inaturalist:photo:22": "LicenseRef-CC-BY",  # Flickr's own licence is of another version
        "inaturalist:photo:23": "CC-BY-NC-4.0",
        "inaturalist:photo:24": "LicenseRef-All-Rights-Reserved",
        "inaturalist:photo:25": "LicenseRef-No-Known-Copyright-Restrictions",
        "inaturalist:observation:2": "LicenseRef-All-Rights-Reserved",
    }


def test_of_a_photo_at_another_host_it_is_the_aggregator(tmp_path: Path) -> None:
    urls = ["https://live.staticflickr.com/1/2_3_s.jpg", "https://static.inaturalist.org/photos/8/square.jpg"]
    photos = [{"id": 7 + n, "license_code": "cc0", "url": url} for n, url in enumerate(urls)]
    (tmp_path / "a.json").write_text(
        json.dumps({"results": [{"id": 1, "quality_grade": "research", "photos": photos}]})
    )
    rows = found(tmp_path / "a.json", tmp_path / "out")
    assert [rows[f"inaturalist:photo:{n}"]["authority"] for n in (7, 8)] == ["aggregator", "host"]


DARWIN = """<?xml version="1.0" encoding="UTF-8"?>
<dwr:SimpleDarwinRecordSet xmlns:dwr="http://rs.tdwg.org/dwc/xsd/simpledarwincore/" xmlns:dwc="http://rs.tdwg.org/dwc/terms/"
 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:eol="http://www.eol.org/transfer/content/1.0" xmlns:xap="http://ns.adobe.com/xap/1.0/">
<dwr:SimpleDarwinRecord>
 <dwc:occurrenceID>https://www.inaturalist.org/observations/1</dwc:occurrenceID>
 <dwc:scientificName>Fictus fictus</dwc:scientificName>
 <dcterms:license>http://creativecommons.org/publicdomain/zero/1.0/</dcterms:license>
 <dcterms:rights>By Ada L. no rights reserved</dcterms:rights>
 <eol:dataObject>
  <dcterms:identifier>https://www.inaturalist.org/photos/21</dcterms:identifier>
  <dcterms:type>http://purl.org/dc/dcmitype/StillImage</dcterms:type>
  <xap:UsageTerms>http://creativecommons.org/licenses/by-nc/4.0/</xap:UsageTerms>
  <xap:Owner>Ada L.</xap:Owner>
 </eol:dataObject>
</dwr:SimpleDarwinRecord>
<dwr:SimpleDarwinRecord>
 <dwc:occurrenceID>https://www.inaturalist.org/observations/2</dwc:occurrenceID>
 <dcterms:rights>Copyright Bo, all rights reserved</dcterms:rights>
</dwr:SimpleDarwinRecord>
</dwr:SimpleDarwinRecordSet>
"""


def test_darwin_core(tmp_path: Path) -> None:
    (tmp_path / "o.dwc.gz").write_bytes(gzip.compress(DARWIN.encode()))
    rows = found(tmp_path / "o.dwc.gz", tmp_path / "out")
    assert {i: (r["license_concluded"], r["creator"], r["label"]) for i, r in rows.items()} == {
        "inaturalist:observation:1": ("CC0-1.0", None, "Fictus fictus"),
        "inaturalist:photo:21": ("CC-BY-NC-4.0", "Ada L.", "Fictus fictus"),
        "inaturalist:observation:2": ("LicenseRef-All-Rights-Reserved", None, None),
    }
    (tmp_path / "cut.dwc").write_text(DARWIN[:900])
    with pytest.raises(BadInput, match="no whole XML"):
        auditor.audit(str(tmp_path / "cut.dwc"), tmp_path / "cut")


def test_in_every_form(tmp_path: Path) -> None:
    answer = json.loads(ANSWER.read_text())
    forms = {
        "list.json": json.dumps(answer["results"]).encode(),
        "lines.jsonl": "".join(json.dumps(r) + "\n" for r in answer["results"]).encode(),
        "answer.json.gz": gzip.compress(ANSWER.read_bytes()),
    }
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        assert seen(found(tmp_path / name, tmp_path / f"{name}.out")) == WANTED, name
    (tmp_path / "one.json").write_text(json.dumps(answer["results"][0]))
    one = seen(found(tmp_path / "one.json", tmp_path / "one.out"))
    assert one == {i: w for i, w in WANTED.items() if i != "inaturalist:observation:12"}


def test_pages_of_answers_in_a_folder_share_their_photos(tmp_path: Path) -> None:
    answer = json.loads(ANSWER.read_text())
    (tmp_path / "in").mkdir()
    for number, result in enumerate(answer["results"] * 2):
        (tmp_path / "in" / f"page{number}.json").write_text(json.dumps(answer | {"results": [result]}))
    assert seen(found(tmp_path / "in", tmp_path / "out")) == WANTED


def test_a_photo_whose_licence_was_not_asked_for_is_not_lost(tmp_path: Path) -> None:
    answer = json.loads(ANSWER.read_text())
    for result in answer["results"]:
        result.pop("observation_photos", None)
        for photo in result["photos"]:
            photo.pop("license_code")
    (tmp_path / "a.json").write_text(json.dumps(answer))
    rows = found(tmp_path / "a.json", tmp_path / "out")
    assert rows.keys() == WANTED.keys()
    photo = rows["inaturalist:photo:102"]
    assert (photo["license_declared"], photo["verdict"]) == ("NONE", "undetermined")


def test_what_two_places_say_differently_is_a_conflict(tmp_path: Path) -> None:
    answer = json.loads(ANSWER.read_text())
    answer["results"][0]["observation_photos"][0]["photo"]["license_code"] = "cc0"
    (tmp_path / "a.json").write_text(json.dumps(answer))
    photo = found(tmp_path / "a.json", tmp_path / "out")["inaturalist:photo:101"]
    assert photo["conflict"] and photo["verdict"] == "non-free"


def test_an_answer_cut_off_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(ANSWER.read_bytes()[:-200])
    with pytest.raises(BadInput, match=r"a\.json .*get the file again"):
        auditor.audit(str(tmp_path / "a.json"), tmp_path / "out")


def works(value: Any) -> Iterator[tuple[str, str | None]]:
    """Every object with a licence code, by its id and code: an independent reading."""
    if isinstance(value, list):
        for one in value:
            yield from works(one)
    elif isinstance(value, dict):
        if "license_code" in value:
            place = "observation" if "uri" in value else "sound" if "file_url" in value else "photo"
            yield f"{place}:{value['id']}", value["license_code"]
        for one in value.values():
            yield from works(one)


def test_real_answers(real_data: Path, tmp_path: Path) -> None:
    names = {
        None: "LicenseRef-All-Rights-Reserved",
        "cc0": "CC0-1.0",
        "pd": "LicenseRef-No-Known-Copyright-Restrictions",
    }
    audited = 0
    for path in sorted((real_data / "inaturalist" / "pyinaturalist").rglob("*.json")):
        wanted = dict(works(json.loads(path.read_text())))
        if not wanted:
            continue
        done = auditor.audit(str(path), tmp_path / path.stem)
        rows = done.findings.to_table().to_pylist()
        spelt = [names.get(c) or f"LicenseRef-{c.upper()}" for c in wanted.values() if c is None or isinstance(c, str)]
        said = [r["license_concluded"] for r in rows if r["license_declared"] != "NONE"]
        assert Counter(said) == Counter(spelt), path
        audited += 1
    assert audited >= 15
