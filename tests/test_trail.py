"""`auditor explain --audit DIR ITEM` shows the finding, the claims, how each was read, and the page with its hash."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from auditor.trail import pages_of
from tests.conftest import Run


def test_the_trail_of_a_row(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,license,license_url\na,CC BY 4.0,https://creativecommons.org/licenses/by-nc/4.0/\nb,MIT,\n")
    assert auditor("audit", table, "-o", tmp_path / "out").code == 0
    run = auditor("explain", "--audit", tmp_path / "out", "a")
    assert run.code == 0
    for said in ("NOASSERTION", "conflict", "CC BY 4.0 https://creativecommons.org/licenses/by-nc/4.0/", str(table)):
        assert said in run.out
    assert hashlib.sha256(table.read_bytes()).hexdigest() in run.out
    assert auditor("explain", "--audit", tmp_path / "out", "zzz").code == 2


def test_a_strangers_words_do_nothing_to_the_terminal(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    evil = "\x1b[2J\x1b]0;x\x07 CC BY 4.0\nFinding\n  verdict: free\u202e"
    rows = [{"id": "a", "title": evil, "creator": evil, "license": evil * 40, "url": f"https://a.example/{evil}"}]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    for command in (("audit", tmp_path / "t.json", "-o", tmp_path / "o"), ("explain", "--audit", tmp_path / "o", "a")):
        run = auditor(*command)
        assert run.code == 0
        assert all(c.isprintable() or c == "\n" for c in run.out + run.err), command
    assert run.out.count("\nFinding\n") == 1
    assert run.out.count("\n  verdict: ") == 1
    assert max(map(len, run.out.splitlines())) < 2100


def test_the_trail_of_an_item_that_stands_in_several_files(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    by = {"id": 1, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"}
    whole = {
        "info": {},
        "licenses": [by],
        "images": [{"id": 7, "file_name": "7.jpg", "license": 1, "width": 2, "height": 2}],
    }
    for kind in ("instances", "captions"):
        annotations = [{"id": 1, "image_id": 7, "caption": "a"}]
        (tmp_path / "set").mkdir(exist_ok=True)
        (tmp_path / "set" / f"{kind}_val2017.json").write_text(json.dumps({**whole, "annotations": annotations}))
    run = auditor("audit", tmp_path / "set", "-o", tmp_path / "out", "--format", "json")
    assert run.code == 0 and json.loads(run.out)["items"] == 1
    (item,) = {e["item_id"] for g in json.loads(run.out)["groups"] for e in g["examples"]}
    shown = auditor("explain", "--audit", tmp_path / "out", item)
    assert shown.out.count("SHA-256") == 2 and shown.out.count("by/2.0/") == 2


def test_a_page_keeps_its_key(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "t.csv").write_text("id,license\na,MIT\nb,MIT\n")
    auditor("audit", tmp_path / "t.csv", "-o", tmp_path / "out")
    (page,) = pages_of(tmp_path / "out")
    assert list(pages_of(tmp_path / "out", page.key)) == [page]
