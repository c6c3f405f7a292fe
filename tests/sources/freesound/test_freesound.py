"""Made-up sounds in the form of Freesound's answers, and recorded ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.sources import freesound
from tests.replica.server import Asked
from tests.sources.following import follow, license_of

BY = "http://creativecommons.org/licenses/by/3.0/"


def sound(number: int, license_: str = BY) -> dict[str, Any]:
    url = f"https://freesound.org/people/ann/sounds/{number}/"
    return {"id": number, "url": url, "name": f"kettle {number}", "username": "ann", "license": license_, "type": "wav"}


def test_sounds_are_searched_by_id_and_those_missing_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREESOUND_API_KEY", "made-up")
    answers = {
        "/apiv2/search/": {"count": 1, "results": [sound(1)]},
        "/apiv2/sounds/2/": sound(2, BY.replace("by/3.0", "by-nc/4.0")),
    }
    found = follow(freesound, [f"freesound:sound:{n}" for n in (1, 2, 3)], answers, tmp_path)
    assert found.rows[0] == {
        "item_id": "freesound:sound:1",
        "row": 0,
        "item_url": "https://freesound.org/people/ann/sounds/1/",
        "title": "kettle 1",
        "creator": "ann",
        "kind": "sound",
        "license_url": BY,
        "authority": "host",
        "place": "freesound",
    }
    assert {r["item_id"][-1]: r.get("error", license_of(r))[:12] for r in found.rows} == {
        "1": "CC-BY-3.0",
        "2": "CC-BY-NC-4.0",
        "3": "gone: http:/",
    }
    assert len(found.asked) == 3


def test_without_a_key_the_page_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREESOUND_API_KEY", raising=False)
    page = f'<title>kettle</title><p><a rel="license" href="{BY}">Attribution</a></p>'
    (row,) = follow(freesound, ["freesound:sound:1"], {"/s/1/": page}, tmp_path).rows
    assert (license_of(row), row["kind"]) == ("CC-BY-3.0", "sound")


@pytest.mark.parametrize("reply", [400, {"detail": "Invalid token"}, "<html>"])
def test_what_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Any) -> None:
    monkeypatch.setenv("FREESOUND_API_KEY", "made-up")
    found = follow(freesound, ["freesound:sound:1"], {"/apiv2/search/": reply, "/apiv2/sounds/1/": 400}, tmp_path)
    assert [r["error"].split(":")[0] for r in found.rows] == ["not reached"]


def test_recorded_answers(real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREESOUND_API_KEY", "made-up")
    recorded = json.loads((real_data / "openverse/openverse-catalog/freesound/page.json").read_text("utf-8"))

    def host(asked: Asked) -> Any:
        return {"results": recorded} if asked.path.startswith("/apiv2/search/") else None

    found = follow(freesound, [f"freesound:sound:{s['id']}" for s in recorded], host, tmp_path)
    assert [license_of(r) for r in found.rows] == ["CC0-1.0"] * 5 + ["CC-BY-3.0"]
