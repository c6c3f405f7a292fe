"""The main job: what goes in comes out, once, whatever is done twice, in another order or killed."""

import csv
import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import auditor
from auditor import run, stages
from tests.conftest import Run

STATEMENTS = ["CC BY 4.0", "CC BY-NC 4.0", "", "CC0-1.0", "All rights reserved", "see the web site", "CC BY-SA 3.0"]


def write_csv(path: Path, rows: int, first: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["id", "url", "license", "title", "split"])
        for i in range(first, first + rows):
            out.writerow(
                [
                    f"i{i}",
                    f"https://pictures.example/{i}.jpg",
                    STATEMENTS[i % 7],
                    f"Picture, “{i}”",
                    "train" if i % 3 else "val",
                ]
            )
    return path


def findings(folder: Path) -> pa.Table:
    return auditor.Audit(folder).findings.to_table().sort_by([("item_id", "ascending")])


def test_every_row_is_a_finding_with_the_right_answer(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    run = auditor("audit", write_csv(tmp_path / "pictures.csv", 700), "-o", tmp_path / "a", "--format", "json")
    assert run.code == 0, run.err
    report = json.loads(run.out)
    assert report["items"] == 700
    for counts in (report["verdicts"], report["categories"]):
        assert sum(counts.values()) == 700
    assert report["categories"] == {
        "non-commercial": 100,
        "proprietary": 100,
        "unknown": 200,
        "free-sharealike": 100,
        "free": 200,
    }
    assert sum(g["items"] for g in report["groups"]) + report["verdicts"]["free"] == 700
    found = {r["item_id"]: r for r in findings(tmp_path / "a").to_pylist()}
    assert found["i0"] | {} == found["i0"] and found["i0"]["license_concluded"] == "CC-BY-4.0"
    assert found["i1"]["license_concluded"] == "CC-BY-NC-4.0" and found["i1"]["verdict"] == "non-free"
    assert (found["i2"]["license_declared"], found["i2"]["license_concluded"]) == ("NONE", "NOASSERTION")
    assert (found["i5"]["license_declared"], found["i5"]["verdict"]) == ("NOASSERTION", "undetermined")
    assert "see the web site" in found["i5"]["statement"]


def test_a_second_run_does_nothing_twice(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    table = write_csv(tmp_path / "pictures.csv", 50)
    first = auditor("audit", table, "-o", tmp_path / "a")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "a" / "findings").iterdir()}
    lines = (tmp_path / "a" / "parts.jsonl").read_text()
    second = auditor("audit", table, "-o", tmp_path / "a")
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "a" / "findings").iterdir()} == before
    assert (tmp_path / "a" / "parts.jsonl").read_text() == lines
    assert first.code == second.code == 0


def test_a_changed_file_is_audited_anew_and_nothing_of_the_old_one_stays(
    tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    write_csv(tmp_path / "set" / "a.csv", 50)
    write_csv(tmp_path / "set" / "b.csv", 50, first=25)
    auditor("audit", tmp_path / "set", "-o", tmp_path / "a")
    write_csv(tmp_path / "set" / "b.csv", 5, first=48)
    os.utime(tmp_path / "set" / "b.csv", ns=(1, 1))
    auditor("audit", tmp_path / "set", "-o", tmp_path / "a")
    auditor("audit", tmp_path / "set", "-o", tmp_path / "fresh")
    assert findings(tmp_path / "a").equals(findings(tmp_path / "fresh"))
    assert findings(tmp_path / "a").num_rows == 55


def test_repeated_ids_stay_apart_in_the_order_of_files_and_rows(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    for name in ("a", "b", "c"):
        write_csv(tmp_path / "set" / f"{name}.csv", 20)
    (tmp_path / "set" / "d.csv").write_text("id,license\ni3~2,MIT\n" + "".join(f"z{i},MIT\n" for i in range(12)))
    auditor("audit", tmp_path / "set", "-o", tmp_path / "a")
    ids = findings(tmp_path / "a")["item_id"].to_pylist()
    assert len(ids) == len(set(ids)) == 73
    assert {"i3", "i3~2", "i3~3", "i3~2~2"} <= set(ids)
    auditor("audit", tmp_path / "set", "-o", tmp_path / "a")
    assert findings(tmp_path / "a")["item_id"].to_pylist() == ids


def test_any_executor_gives_the_same(tmp_path: Path) -> None:
    for number in range(6):
        write_csv(tmp_path / "set" / f"{number}.csv", 300, first=200 * number)
    one = auditor.audit(str(tmp_path / "set"), tmp_path / "one", workers=1)
    four = auditor.audit(str(tmp_path / "set"), tmp_path / "four", workers=4)
    with ProcessPoolExecutor(2) as pool:
        apart = auditor.audit(str(tmp_path / "set"), tmp_path / "apart", executor=pool)
    assert findings(one.folder).equals(findings(four.folder))
    assert findings(one.folder).equals(findings(apart.folder))


def test_one_broken_file_is_an_error_and_the_rest_is_audited(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    write_csv(tmp_path / "set" / "a.csv", 30)
    pq.write_table(pa.table({"id": ["x"], "license": ["MIT"]}), tmp_path / "set" / "b.parquet")
    whole = (tmp_path / "set" / "b.parquet").read_bytes()
    (tmp_path / "set" / "b.parquet").write_bytes(whole[:-20])
    run = auditor("audit", tmp_path / "set", "-o", tmp_path / "a", "--format", "json")
    assert run.code == 0, run.err
    report = json.loads(run.out)
    assert report["items"] == 31 and report["errors"][0] == 1
    assert "b.parquet" in report["errors"][1][0][0]


class Served:
    """A folder served on loopback."""

    def __init__(self, folder: Path) -> None:
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def __init__(self, *args: object, **kwargs: object) -> None:
                super().__init__(*args, directory=str(folder), **kwargs)  # type: ignore[arg-type]

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    place = tmp_path / "served"
    place.mkdir()
    one = Served(place)
    yield one
    one.server.shutdown()
    one.server.server_close()


def killed(at: int, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).parent / "killed.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KILL_AT": str(at)}, timeout=120)


@pytest.mark.slow
def test_killed_at_any_step_the_next_run_ends_the_same(tmp_path: Path, served: Served) -> None:
    for number in range(4):
        write_csv(tmp_path / "set" / f"{number}.csv", 3000, first=2500 * number)
    write_csv(tmp_path / "served" / "pictures.csv", 500)
    for target in (tmp_path / "set", f"{served.url}/pictures.csv"):
        kind = "url" if isinstance(target, str) else "set"
        calm = killed(0, "audit", target, "-o", tmp_path / f"{kind}-calm")
        assert calm.returncode == 0, calm.stderr
        steps = int(calm.stderr.rsplit("steps:", 1)[1])
        assert steps >= 20
        expected = findings(tmp_path / f"{kind}-calm").drop_columns(["page_key"] if kind == "url" else [])
        for turn in range(20):
            out = tmp_path / f"{kind}-{turn}"
            died = killed(1 + turn * (steps - 1) // 19, "audit", target, "-o", out)
            assert died.returncode == -9, died.stderr
            again = killed(0, "audit", target, "-o", out)
            assert again.returncode == 0, again.stderr
            assert findings(out).drop_columns(["page_key"] if kind == "url" else []).equals(expected)
            assert not list((out / "findings").glob(".*")), "a file that no part names was left"


def test_tables_whose_rows_all_say_something_of_their_own_are_read_by_processes_and_end_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 9_000
    said = [f"© {1900 + i % 100} Museum {i}, {STATEMENTS[i % 7] or 'no word'}" for i in range(rows)]
    table = pa.table({"id": [f"i{i:05}" for i in range(rows)], "license": said})
    monkeypatch.setattr("auditor.sources.table.SLICE_ROWS", 3_000)
    few = table.set_column(1, "license", pa.array([STATEMENTS[i % 7] for i in range(rows)]))
    asked: list[bool] = []
    for name, one in (("own", table), ("few", few)):
        pq.write_table(one, tmp_path / f"{name}.parquet", row_group_size=3_000)

        def watched(*args: Any, **kwargs: Any) -> Any:
            asked.append(args[2].processes)
            return run.each(*args, **kwargs)

        monkeypatch.setattr("auditor.auditing.each", watched)
        auditor.audit(str(tmp_path / f"{name}.parquet"), tmp_path / name)
    assert asked == [True, False]
    monkeypatch.setattr("auditor.auditing.python_bound", lambda first: False)
    auditor.audit(str(tmp_path / "own.parquet"), tmp_path / "threads", workers=1)
    assert findings(tmp_path / "own").equals(findings(tmp_path / "threads"))


def test_what_is_asked_for_again_is_kept_however_many_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "MEMO", 10)
    memo, made = stages.Memo(), []
    for number in range(1000):
        for key in ((number,), ("often",)):
            memo.of(key, lambda key=key: made.append(key) or key)  # type: ignore[misc, return-value, func-returns-value]
    assert made.count(("often",)) == 1 and len(made) == 1001
    assert len(memo.newer) + len(memo.older) <= 20


@given(st.data())
def test_codes_stand_for_the_values_of_the_rows_each_once(data: st.DataObject) -> None:
    values = data.draw(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=6))
    places = data.draw(st.lists(st.none() | st.integers(0, len(values) - 1), min_size=1, max_size=9))
    array = pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(values, pa.string()))
    codes, found = stages.encode(array)
    assert [found[c] for c in codes] == [None if p is None else values[p] for p in places]
    assert sorted(set(codes.tolist())) == list(range(len(found))) and len(set(found)) == len(found)


@pytest.mark.slow
def test_a_killed_audit_leaves_no_process_that_writes_on(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    said = [f"© Museum {i}, CC BY 4.0" for i in range(300_000)]
    for number in range(3):
        some = pa.table({"license": said[100_000 * number : 100_000 * (number + 1)]})
        pq.write_table(some, tmp_path / "set" / f"{number}.parquet")
    command = [sys.executable, "-m", "auditor", "audit", str(tmp_path / "set"), "-o", str(tmp_path / "a")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        workers: list[psutil.Process] = []
        until = time.monotonic() + 100
        while not list((tmp_path / "a" / "findings").glob(".*")) and time.monotonic() < until:
            time.sleep(0.01)
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert workers, "nothing was worked on by processes"
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert all(p.status() == psutil.STATUS_ZOMBIE for p in alive if p.is_running())
