"""An audit that was left alone is verified; a byte changed anywhere in it or in what it rests on is seen; what is gone never passes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import auditor as library
from auditor.store import hash_file, registered
from auditor.verify.asked import Asked, wilson
from tests.conftest import Run
from tests.following.photos import RESERVED, Photos, coco, static, url_list
from tests.replica.server import Replica

ROWS = "".join(f"i{n},{said},Title {n}\n" for n, said in enumerate(["CC BY 4.0", "CC BY-NC 4.0", "", "MIT"] * 5))


@pytest.fixture
def audited(tmp_path: Path, auditor: Callable[..., Run]) -> Path:
    """An audit of two tables in a folder, with an id that repeats."""
    (tmp_path / "data").mkdir()
    for name in ("a", "b"):
        (tmp_path / "data" / f"{name}.csv").write_text("id,license,title\n" + ROWS + "i0,CC0,Again\n")
    run = auditor("audit", tmp_path / "data", "-o", tmp_path / "audit")
    assert run.code == 0, run.err
    return tmp_path / "audit"


def part(folder: Path) -> Path:
    return folder / "findings" / registered(folder)[0].name


def registered_anew(path: Path) -> None:
    """Give a part's line the hash that its file has now, as one would who means to hide a change."""
    lines = path.parent.parent / "parts.jsonl"
    held = []
    for line in lines.read_text().splitlines():
        said = json.loads(line)
        for one in said.get("settled", [said]):
            if one.get("name") == path.name:
                one["sha256"] = hash_file(path)
        held.append(json.dumps(said))
    lines.write_text("\n".join(held) + "\n")


def test_an_untouched_audit_holds_and_is_left_as_it_is(audited: Path, auditor: Callable[..., Run]) -> None:
    before = {f: f.read_bytes() for f in sorted(audited.rglob("*")) if f.is_file()}
    run = auditor("verify", audited)
    assert run.code == 0, run.out
    assert run.out.startswith(f"VERIFIED: the findings of {audited} (42)") and "all equal" in run.out
    assert {f: f.read_bytes() for f in sorted(audited.rglob("*")) if f.is_file()} == before


def test_a_changed_byte_in_a_part(audited: Path, auditor: Callable[..., Run]) -> None:
    body = bytearray(part(audited).read_bytes())
    body[len(body) // 3] ^= 0xFF
    part(audited).write_bytes(bytes(body))
    run = auditor("verify", audited)
    assert run.code == 1 and run.out.startswith("NOT VERIFIED")
    assert f"changed: findings/{part(audited).name}" in run.out


def test_a_removed_part(audited: Path, auditor: Callable[..., Run]) -> None:
    name = part(audited).name
    part(audited).unlink()
    run = auditor("verify", audited)
    assert run.code == 1
    assert f"gone, not verifiable: findings/{name}" in run.out and "findings missing: " in run.out


def test_a_part_that_no_line_names(audited: Path, auditor: Callable[..., Run]) -> None:
    shutil.copy(part(audited), audited / "findings" / "more.parquet")
    run = auditor("verify", audited)
    assert run.code == 1 and "more.parquet (no line of parts.jsonl names it)" in run.out


def test_a_finding_that_stands_there_twice(audited: Path, auditor: Callable[..., Run]) -> None:
    table = pq.read_table(part(audited))
    pq.write_table(pa.concat_tables([table, table.slice(2, 1)]), part(audited))
    registered_anew(part(audited))
    run = auditor("verify", audited)
    assert run.code == 1 and "findings not from the evidence: 1" in run.out and "more than once" in run.out, run.out


def test_another_number_of_findings_in_audit_json(audited: Path, auditor: Callable[..., Run]) -> None:
    info = json.loads((audited / "audit.json").read_text())
    (audited / "audit.json").write_text(json.dumps(info | {"rows": 41}))
    assert auditor("verify", audited).code == 1


@pytest.mark.parametrize(("column", "value"), [("verdict", "free"), ("title", "Mine"), ("creator", "Me")])
def test_a_tampered_finding_is_seen_though_its_hash_was_written_anew(
    audited: Path, auditor: Callable[..., Run], column: str, value: str
) -> None:
    table = pq.read_table(part(audited))
    at = table.schema.get_field_index(column)
    hit = pc.equal(table["item_id"].cast(pa.string()), table["item_id"][1].as_py())
    table = table.set_column(at, column, pc.if_else(hit, value, table[column].cast(pa.string())))
    pq.write_table(table, part(audited))
    registered_anew(part(audited))
    run = auditor("verify", audited)
    assert run.code == 1, run.out
    assert "1 of 1" not in run.out.splitlines()[0] and "changed:" not in run.out
    assert f"{column}: 1 differ" in run.out and f"{column} is {value}" in run.out
    assert ("less free 1" in run.out) is (column == "verdict")


def test_a_changed_source_file_and_one_that_is_gone(audited: Path, auditor: Callable[..., Run]) -> None:
    file = audited.parent / "data" / "a.csv"
    file.write_text(file.read_text().replace("i1,CC BY-NC 4.0", "i1,CC BY-ND 4.0"))
    run = auditor("verify", audited)
    assert (
        run.code == 1 and "changed: " in run.out and "a.csv" in run.out and "findings derived otherwise: 1" in run.out
    )
    file.write_text(file.read_text().replace("Title 3", "Title X"))
    file.unlink()
    run = auditor("verify", audited)
    assert run.code == 1 and "gone, not verifiable" in run.out
    assert "findings not verifiable: 21" in run.out and "findings compared: 21" in run.out
    (audited.parent / "data" / "b.csv").unlink()
    run = auditor("verify", audited)
    assert run.code == 1 and "findings not verifiable: 42" in run.out and run.out.startswith("NOT VERIFIED")


def test_a_changed_byte_in_a_stored_page(audited: Path, auditor: Callable[..., Run]) -> None:
    pages = next((audited / "pages").glob("pages-*.parquet"))
    table = pq.read_table(pages)
    context = [
        c.replace('"names": ["id", "license", "title"]', '"names": ["id", "title", "license"]')
        for c in table["context"].to_pylist()
    ]
    assert context != table["context"].to_pylist()
    pq.write_table(table.set_column(table.schema.get_field_index("context"), "context", pa.array(context)), pages)
    run = auditor("verify", audited)
    assert run.code == 1 and "findings derived otherwise" in run.out


def test_an_audit_moved_elsewhere_with_its_data(audited: Path, auditor: Callable[..., Run], tmp_path: Path) -> None:
    shutil.copytree(audited, tmp_path / "other place" / "audit")
    run = auditor("verify", tmp_path / "other place" / "audit")
    assert run.code == 0, run.out


def test_a_relative_target_moved_with_its_audit(
    tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("t.csv").write_text("id,license\n" + "a,MIT\nb,CC BY 4.0\n")
    assert auditor("audit", "t.csv", "-o", "audit").code == 0
    monkeypatch.chdir(tmp_path)
    shutil.move("here", "there")
    assert auditor("verify", "there/audit").code == 0


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:cc="http://creativecommons.org/ns#"><metadata><rdf:RDF><cc:Work rdf:about="">'
    '<cc:license rdf:resource="http://creativecommons.org/licenses/by/4.0/"/></cc:Work></rdf:RDF></metadata></svg>\n'
)
DEP5 = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: Ann\nLicense: Expat\n"


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("p{}.svg", SVG, "findings not verifiable: 40"),  # read in one bundle
        ("p{}/copyright", DEP5, "of the dataset as a whole is gone"),  # each says something of the whole, too
    ],
)
def test_a_folder_of_many_files(tmp_path: Path, auditor: Callable[..., Run], name: str, body: str, said: str) -> None:
    files = [tmp_path / "many" / name.format(n) for n in range(40)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body)
    assert auditor("audit", tmp_path / "many", "-o", tmp_path / "a").code == 0
    run = auditor("verify", tmp_path / "a")
    assert run.code == 0 and "(40)" in run.out, run.out
    files[7].write_text(body + "\n")
    run = auditor("verify", tmp_path / "a")
    assert run.code == 1 and "evidence changed" in run.out and "all equal" in run.out
    files[7].unlink()
    run = auditor("verify", tmp_path / "a")
    assert run.code == 1 and "gone, not verifiable" in run.out and said in run.out


def test_coco_files_that_share_their_images(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    target = coco(tmp_path / "set" / "instances_val2017.json", {1: 2, 2: 2, 3: 4})
    coco(tmp_path / "set" / "captions_val2017.json", {1: 2, 2: 2})
    assert auditor("audit", target.parent, "-o", tmp_path / "a").code == 0
    assert auditor("verify", tmp_path / "a").code == 0


def test_a_dataset_level_audit(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    assert auditor("audit", "imagenet-1k", "--offline", "-o", tmp_path / "a").code == 0
    run = auditor("verify", tmp_path / "a")
    assert run.code == 0, run.out


def test_knowledge_newer_than_the_audit_is_said_and_shown(audited: Path, auditor: Callable[..., Run]) -> None:
    info = json.loads((audited / "audit.json").read_text())
    (audited / "audit.json").write_text(json.dumps(info | {"digest": "0123456789abcdef0123"}))
    run = auditor("verify", audited)
    assert run.code == 0 and "by other code, knowledge or options" in run.out and "0123456789abcdef0123" in run.out


@pytest.mark.parametrize("change", ["unfinished", "no pages", "no audit", "no policy"])
def test_what_cannot_be_checked_is_one_sentence(audited: Path, auditor: Callable[..., Run], change: str) -> None:
    info = json.loads((audited / "audit.json").read_text())
    if change == "unfinished":
        (audited / "audit.json").write_text(json.dumps(info | {"finished": None}))
    elif change == "no pages":
        shutil.rmtree(audited / "pages")
    elif change == "no policy":
        (audited / "audit.json").write_text(json.dumps(info | {"policy": "/nowhere/mine.toml"}))
    else:
        (audited / "audit.json").unlink()
    run = auditor("verify", audited)
    assert run.code == 2 and run.out == "" and run.err.startswith("auditor: ") and run.err.count("\n") == 1


def test_an_audit_killed_and_gone_on_with_holds(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "t.csv").write_text("id,license\n" + "".join(f"i{n},MIT\n" for n in range(500)))
    command = [sys.executable, "-m", "tests.killed", "audit", str(tmp_path / "t.csv"), "-o", str(tmp_path / "a")]
    for at in ("4", "0"):
        run = subprocess.run(command, env=os.environ | {"KILL_AT": at}, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert auditor("verify", tmp_path / "a").code == 0


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    with Replica() as one:
        yield one


def test_followed_items_are_derived_without_the_network_and_asked_again(
    tmp_path: Path, auditor: Callable[..., Run], replica: Replica
) -> None:
    photos = Photos(dict.fromkeys(range(100, 120), 9), {104: [(1253741816, RESERVED, "CC0")]}, private={108})
    flickr = replica.host(photos)
    urls = [static(n) for n in range(100, 122)] + ["ftp://nowhere.example/a.jpg"]
    target = url_list(tmp_path / "fall11_urls.txt", urls)
    where = ("--endpoint", f"flickr={flickr.url}")
    assert auditor("audit", target, "-o", tmp_path / "a", "--follow", *where).code == 0
    asked = len(replica.log)
    run = auditor("verify", tmp_path / "a")
    assert run.code == 0, run.out
    assert len(replica.log) == asked, "verify asks nothing unless it is told to"
    run = auditor("verify", tmp_path / "a", "--ask-again", "22", *where)
    assert run.code == 0 and "of 22 origins drawn at random 22 say the same" in run.out, run.out
    photos.now |= dict.fromkeys((101, 102), 0)  # two are all rights reserved now
    run = auditor("verify", tmp_path / "a", "--ask-again", "50", "--seed", "1", *where)
    assert run.code == 0, "what hosts say now is no fault of the audit"
    assert "of 22 origins drawn at random 20 say the same of their licence: 90.9%" in run.out, run.out
    assert "flickr:photo:101" in run.out and "flickr:photo:102" in run.out


def test_what_does_not_answer_is_in_no_share() -> None:
    (said, named) = Asked(asked=5, same=3, other=["flickr:photo:1"], unanswered=1).lines()
    assert "of 4 origins drawn at random 3 say the same" in said and "75.0%" in said and "1 did not answer" in said
    assert "flickr:photo:1" in named
    assert Asked(asked=2, same=0, other=[], unanswered=2).lines() == ["Asked again: 2 origins. 2 did not answer."]


def test_asking_again_what_was_never_asked(audited: Path, auditor: Callable[..., Run]) -> None:
    run = auditor("verify", audited, "--ask-again", "3")
    assert run.code == 2 and "--follow" in run.err


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # statsmodels 0.14's proportion_confint(hits, of, method="wilson")
    [(19, 21, 0.7109, 0.9735), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-4)


def test_the_librarys_verify(audited: Path) -> None:
    done = library.Audit(audited).verify()
    assert done and done.holds and done.derived.items == 42 and str(done).startswith("VERIFIED")
