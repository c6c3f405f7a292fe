"""Bad input: one sentence that says what to do, exit 2, nothing half-written, never a traceback."""

import bz2
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor import store
from tests.conftest import Run

ROWS = "id,license\n" + "".join(f"{i},CC BY 4.0\n" for i in range(5000))


def made(name: str, folder: Path) -> Path:
    """Write one bad input of each kind."""
    path = folder / name
    if name == "empty.csv":
        path.write_bytes(b"")
    elif name == "cut.csv.gz":
        path.write_bytes(gzip.compress(os.urandom(100) + ROWS.encode())[:-4000])
    elif name == "cut.csv.bz2":
        path.write_bytes(bz2.compress(ROWS.encode() + os.urandom(2_000_000).hex().encode())[:-900_000])
    elif name == "cut.csv.zst":
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(ROWS.encode() + os.urandom(200_000).hex().encode())
        path.write_bytes(path.read_bytes()[:-60_000])
    elif name == "damaged.csv.gz":
        whole = bytearray(gzip.compress(ROWS.encode()))
        whole[len(whole) // 2] ^= 0xFF
        path.write_bytes(bytes(whole))
    elif name == "cut.parquet":
        pq.write_table(pa.table({"id": ["a"], "license": ["MIT"]}), path)
        path.write_bytes(path.read_bytes()[:-9])
    elif name == "text.parquet":
        path.write_text("this is no Parquet")
    elif name == "cut.json":
        path.write_text(json.dumps([{"id": i, "license": "MIT"} for i in range(100)])[:-300])
    elif name == "one.json":
        path.write_text('{"a": 1}')
    elif name == "picture.png":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(500))
    elif name == "folder.csv":
        path.mkdir()
    return path


BAD = [
    "empty.csv",
    "cut.csv.gz",
    "cut.csv.bz2",
    "cut.csv.zst",
    "damaged.csv.gz",
    "cut.parquet",
    "text.parquet",
    "cut.json",
    "one.json",
]


def told(run: Run, *words: str) -> None:
    assert run.code == 2, run
    assert run.out == ""
    last = run.err.strip().splitlines()[-1]
    assert last.startswith("auditor: ") and "Traceback" not in run.err
    for word in words:
        assert word in last


@pytest.mark.parametrize("name", [*BAD, "picture.png", "folder.csv", "missing.csv"])
def test_bad_input_is_one_sentence_and_leaves_nothing(name: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    path = made(name, tmp_path)
    run = auditor("audit", path, "-o", tmp_path / "out")
    told(run, name)
    assert not (tmp_path / "out").exists()


def test_no_permission(tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed.csv"
    path.write_text(ROWS)
    path.chmod(0)
    if os.geteuid() == 0:  # nothing is closed to root: take the system's refusal in its place
        whole = Path.open

        def refused(self: Path, *args: object, **kwargs: object) -> object:
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return whole(self, *args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(Path, "open", refused)
    told(auditor("audit", path, "-o", tmp_path / "out"), "closed.csv", "ermission")


def test_full_disk(tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fine.csv"
    path.write_text(ROWS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "findings")

    monkeypatch.setattr(store, "sync", full)
    told(auditor("audit", path, "-o", tmp_path / "out"), "No space left")
    monkeypatch.undo()
    assert auditor("audit", path, "-o", tmp_path / "out").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--column", "license_text=no_such"], "no_such"),
        (["--column", "nonsense=id"], "nonsense"),
        (["--column", "id"], "NAME=VALUE"),
        (["--policy", "no-such-policy"], "no-such-policy"),
        (["--manifest", "no-such-manifest"], "no-such-manifest"),
        (["--fail-on", "rubbish>x"], "rubbish"),
        (["--format", "docx"], "docx"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_bad_options(words: list[str], said: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    path = tmp_path / "fine.csv"
    path.write_text(ROWS)
    told(auditor("audit", path, "-o", tmp_path / "out", *words), said)


def test_an_unknown_target_says_what_was_tried(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    told(
        auditor("audit", "no-such-dataset-anywhere", "-o", tmp_path / "out"),
        "no-such-dataset-anywhere",
        "auditor datasets",
    )
    told(auditor("audit", tmp_path / "nowhere" / "x.csv", "-o", tmp_path / "out"), "does not exist")
    told(auditor("audit", tmp_path / "*.none", "-o", tmp_path / "out"), "*.none")


def test_a_name_that_is_not_utf8(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "set").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "set") + b"/caf\xe9.csv")).write_text("title,license\na,MIT\nb,MIT\n")
    run = auditor("audit", tmp_path / "set", "-o", tmp_path / "out")
    assert run.code == 0, run.err
    assert "caf\\xe9.csv#0" in auditor("explain", "--audit", tmp_path / "out", "caf\\xe9.csv#0").out


@pytest.mark.parametrize("text", ["{}x", "[]", "{", "[{", '{"a":', "null", '"x"', "[1, 2]", '{"a": [}'])
def test_odd_json_is_one_sentence(text: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "odd.json").write_text(text)
    told(auditor("audit", tmp_path / "odd.json", "-o", tmp_path / "out"), "odd.json")


SNAK = {"snaktype": "value", "property": "P170", "datavalue": {"type": "string", "value": "Ann"}}
ASKED = {"startedDateTime": "2024-05-01", "request": {"url": "https://a.example/"}, "response": {"status": 200}}
NO_ITEMS = {
    "statements.json": json.dumps({"claims": [{"mainsnak": SNAK, "type": "statement"}]}),
    "of-a-property.json": json.dumps({"P170": [{"type": "statement", "mainsnak": SNAK}] * 2}),
    "qualifiers.json": json.dumps({"mainsnak": SNAK, "qualifiers": {"P2093": [SNAK]}}),
    "recording.har": json.dumps({"log": {"version": "1.2", "creator": {"name": "b"}, "entries": [ASKED] * 3}}),
    "page.html": '<div class="a"><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a></div>\n<p/>',
    "tool.py": "HEAD = \"<mediawiki xml:lang='en'><page><title>A</title></page></mediawiki>\"\n",
    "page.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><body><p id="a" license="CC0-1.0">A</p></body></html>',
}


@pytest.mark.parametrize("name", NO_ITEMS)
def test_what_is_no_list_of_items_is_not_taken_for_a_table(
    name: str, tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    (tmp_path / name).write_text(NO_ITEMS[name])
    told(auditor("audit", tmp_path / name, "-o", tmp_path / "out"), name, "no source can tell")


def test_a_folder_that_is_no_audit(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    told(auditor("report", tmp_path), "is not an audit")
    told(auditor("report", tmp_path / "nowhere"), "is not an audit")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    path = tmp_path / "fine.csv"
    path.write_text(ROWS)
    told(auditor("audit", path, "-o", tmp_path / "mine"), "not an audit")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_no_network(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    told(auditor("audit", "http://127.0.0.1:9/pictures.csv", "-o", tmp_path / "out"), "could not be fetched")
    told(auditor("audit", "http://127.0.0.1:9/pictures.csv", "-o", tmp_path / "out", "--offline"), "--offline")
    assert not (tmp_path / "out").exists()


def test_flagged_is_exit_1(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    path = tmp_path / "fine.csv"
    path.write_text(ROWS + "x,CC BY-NC 4.0\n")
    assert auditor("audit", path, "-o", tmp_path / "out", "--fail-on", "academic-only,unknown>1%").code == 0
    flagged = auditor("gate", tmp_path / "out", "--fail-on", "non-commercial")
    assert flagged.code == 1 and "1 of 5,001" in flagged.out
    assert auditor("gate", tmp_path / "out", "--fail-on", "non-commercial>1%").code == 0
