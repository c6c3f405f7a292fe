"""Made-up credits in UrbanSound8K's form, and the real ones."""

import re
from pathlib import Path
from typing import Any

from auditor.fetch import Get
from auditor.sources import urbansound8k
from auditor.target import Target

HEAD = """This dataset uses the following sounds from Freesound:

to access user page:  http://www.freesound.org/people/[username]
to access sound page: http://www.freesound.org/people/[username]/sounds/[soundid]

[soundid] by [username]

"""


def run(path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert urbansound8k.knows(target) > 0.9
    return [r for p in urbansound8k.fetch(target, Get(path)) for b in urbansound8k.parse(p) for r in b.to_pylist()]


def test_credits(tmp_path: Path) -> None:
    path = tmp_path / "FREESOUNDCREDITS.txt"
    path.write_bytes((HEAD + "11 by ann\n12 by Ben B\n\nthirteen\n11 by ann").replace("\n", "\r\n").encode())
    rows = run(path)
    assert [(r["item_id"], r["creator"], r["item_url"], r["was_derived_from"]) for r in rows if not r["error"]] == [
        ("11", "ann", "http://www.freesound.org/people/ann/sounds/11", ["freesound:sound:11"]),
        ("12", "Ben B", "http://www.freesound.org/people/Ben%20B/sounds/12", ["freesound:sound:12"]),
        ("11", "ann", "http://www.freesound.org/people/ann/sounds/11", ["freesound:sound:11"]),
    ]
    assert [r["error"] for r in rows if r["error"]] == ["the line is no `soundid by user`: thirteen"]
    assert {(r["license_text"], r["license_url"]) for r in rows} == {(None, None)}


def test_other_texts_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "credits.txt").write_text("11 by ann\n12 by ben\n")
    assert urbansound8k.knows(Target("x", tmp_path / "credits.txt")) == 0


def test_real_credits(real_data: Path) -> None:
    path = real_data / "freesound" / "UrbanSound8K" / "FREESOUNDCREDITS.txt"
    lines = re.findall(r"^(\d+) by ", path.read_text("utf-8"), re.MULTILINE)
    rows = run(path)
    assert [r["item_id"] for r in rows] == lines
    assert len(rows) >= 1000
    assert not [r for r in rows if r["error"]]
