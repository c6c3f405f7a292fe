"""How fast is the flow, against pyarrow copying the same columns in the same run?

    .venv/bin/python benchmarks/flow.py [--rows 10000000] [--statements 500] [--ids ascending|shuffled]

Generates a Parquet table (id, url, licence, author, title) with so many distinct statements, then measures, each in a
process of its own: pyarrow reading and writing those columns; `auditor audit` (the memory of all its processes over the quarters of the
rows, and from the last row on); `auditor report` again. Prints seconds, peak memory and the ratio. Wants psutil.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.store import read_parts

KNOWN = [
    "CC BY 4.0",
    "CC BY-SA 3.0",
    "CC0",
    "CC BY-NC 2.0",
    "https://creativecommons.org/licenses/by-nd/2.5/",
    "MIT",
    "All rights reserved",
]
HOLDERS = ["Museum of Town", "Photo Archive", "Jane Example", "Institute of Plants", "Studio"]
STEP = 1 << 18


def _own(i: int) -> str:
    """Return a statement that no other row has: a credit line as archives and photo sites write them."""
    return f"© {1950 + i % 76} {HOLDERS[i % 5]} {i}, {KNOWN[i % 7]}, https://img.example/photos/{i}"


def generate(path: Path, rows: int, statements: int, shuffled: bool) -> None:
    """Write the table; statements follow a Zipf law, or are each their own where there are as many as rows."""
    rng = np.random.default_rng(7)
    schema = pa.schema([(n, pa.string()) for n in ("id", "url", "license", "author", "title")])
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for start in range(0, rows, STEP):
            size = min(STEP, rows - start)
            place = np.arange(start, start + size)
            if statements >= rows:
                text = pa.array([_own(i) for i in place.tolist()])
            else:
                which = np.minimum(rng.zipf(1.2, size) - 1, statements - 1)
                text = pa.array(
                    [f"{KNOWN[i % 7]} (batch {i})" if i >= 7 else KNOWN[i] for i in range(statements)]
                ).take(pa.array(which))
            named = rng.permutation(place) if shuffled else place
            ids = pa.array([f"img{i:012}" for i in named.tolist()])
            url = pa.array([f"https://img.example/{i % 997}/{i}.jpg" for i in place.tolist()])
            author = pa.array([f"author {i}" for i in (place % 50_021).tolist()])
            title = pa.array([f"a picture of thing {i}" for i in (place % 900_001).tolist()])
            out.write_batch(pa.RecordBatch.from_arrays([ids, url, text, author, title], schema=schema))


COPY = """
import sys, pyarrow.parquet as pq
source = pq.ParquetFile(sys.argv[1], memory_map=True)
with pq.ParquetWriter(sys.argv[2], source.schema_arrow, compression="zstd", compression_level=1) as out:
    for batch in source.iter_batches(1 << 17):
        out.write_batch(batch)
"""


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command; return seconds and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[:3]} failed: {process.stderr and process.stderr.read().decode()[-500:]}")
    return time.perf_counter() - start, used.ru_maxrss / 1024


def watched(table: Path, out: Path, rows: int) -> tuple[float, list[int], float]:
    """Audit, looking at the memory of all its processes; return seconds, the peak in MB of each quarter of the rows, and of the report.

    Memory that processes share is counted once in each of them, so what is returned is at least what was used.
    """
    command = [sys.executable, "-m", "auditor", "audit", str(table), "-o", str(out)]
    start, peaks, report = time.perf_counter(), [0.0] * 4, 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            held = memory(process.pid)
            done = sum(p.rows for p in read_parts(out)) if out.exists() else 0
            if done < rows:
                peaks[4 * done // rows] = max(peaks[4 * done // rows], held)
            else:
                report = max(report, held)
            time.sleep(0.2)
        assert process.stderr is not None
        if process.returncode:
            sys.exit(f"{command[:3]} failed: {process.stderr.read().decode()[-500:]}")
    return time.perf_counter() - start, [round(p) for p in peaks], round(report)


def memory(pid: int) -> float:
    """Return the MB that a process and those it started hold."""
    import psutil

    try:
        top = psutil.Process(pid)
        return sum(_held(p) for p in [top, *top.children(recursive=True)])
    except psutil.Error:
        return 0.0


def _held(process: Any) -> float:
    import psutil

    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:  # it has ended
        return 0.0


def main() -> None:
    """Generate, measure, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rows", type=int, default=10_000_000)
    ap.add_argument("--statements", type=int, default=500)
    ap.add_argument("--ids", choices=("ascending", "shuffled"), default="ascending")
    ap.add_argument("--least", type=float, default=0.0, help="exit with 1 below this share of the copy's speed")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as place:
        table = Path(place) / "table.parquet"
        generate(table, a.rows, a.statements, a.ids == "shuffled")
        copy = measured([sys.executable, "-c", COPY, str(table), str(Path(place) / "copy.parquet")])
        ours, peaks, report = watched(table, Path(place) / "out.audit", a.rows)
        again = measured([sys.executable, "-m", "auditor", "report", str(Path(place) / "out.audit")])
        found = pq.ParquetDataset(Path(place) / "out.audit" / "findings").read(columns=["row"]).num_rows
    assert found == a.rows, f"{found} findings of {a.rows} rows"
    said = {
        "rows": a.rows,
        "statements": a.statements,
        "ids": a.ids,
        "copy_s": round(copy[0], 2),
        "audit_s": round(ours, 2),
    }
    said |= {
        "copy_mb": round(copy[1]),
        "audit_mb": max(*peaks, report),
        "mb_by_quarter": peaks,
        "mb_at_the_end": report,
    }
    said |= {
        "report_s": round(again[0], 2),
        "report_mb": round(again[1]),
        "share_of_copy_speed": round(copy[0] / ours, 3),
    }
    print(json.dumps(said))
    sys.exit(1 if copy[0] / ours < a.least else 0)


if __name__ == "__main__":
    main()
