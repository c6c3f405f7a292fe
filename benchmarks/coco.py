"""How long does reading a COCO file take, against reading its bytes in the same run?

    .venv/bin/python benchmarks/coco.py [--megabytes 430] [--runs 3] [--folder DIR]

Generates an `instances` file in COCO's form (images with ids of the licence table, polygons by the hundred thousand),
then measures, each in a process of its own, the best of so many runs: reading all its bytes; turning it into claims;
`auditor audit`, with findings written. Prints seconds, peak memory and the ratios.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

LICENSES = [
    {"url": f"http://creativecommons.org/licenses/{code}/2.0/", "id": number, "name": name}
    for number, (code, name) in enumerate(
        [
            ("by-nc-sa", "Attribution-NonCommercial-ShareAlike License"),
            ("by-nc", "Attribution-NonCommercial License"),
            ("by-nc-nd", "Attribution-NonCommercial-NoDerivs License"),
            ("by", "Attribution License"),
            ("by-sa", "Attribution-ShareAlike License"),
            ("by-nd", "Attribution-NoDerivs License"),
        ],
        start=1,
    )
]
CATEGORIES = [{"supercategory": "thing", "id": n, "name": f"thing {n}"} for n in range(1, 91)]

START = """
import json, resource, sys, time
from pathlib import Path
path, runs = Path(sys.argv[1]), int(sys.argv[2])
import pyarrow, numpy
"""
READ = """
def once():
    return len(path.read_bytes())
"""
CLAIMS = """
from auditor.sources import coco
from auditor.target import Target
def once():
    return sum(b.num_rows for p in coco.fetch(Target(str(path), path), None) for b in coco.parse(p))
"""
AUDIT = """
import itertools, auditor
number = itertools.count()
def once():
    return auditor.audit(str(path), path.parent / f"audit{next(number)}").findings.count_rows()
"""
END = """
best = 1e9
for _ in range(runs):
    began = time.perf_counter()
    got = once()
    best = min(best, time.perf_counter() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": best, "peak": peak, "got": got}))
"""


def generate(path: Path, megabytes: int) -> int:
    """Write a COCO file of about that size; return how many images it lists (some 3.7 KB each, as in COCO)."""
    rng = random.Random(7)
    polygons = [", ".join(f"{rng.random() * 640:.2f}" for _ in range(rng.randrange(16, 72))) for _ in range(5000)]
    images = megabytes * 1_000_000 // 3_700
    with path.open("w", encoding="utf-8") as out:
        out.write(f'{{"info": {{"description": "made up"}}, "licenses": {json.dumps(LICENSES)}, "images": [')
        out.write(", ".join(_image(rng, n) for n in range(images)))
        out.write('], "annotations": [')
        for note in range(int(images * 7.3)):
            out.write(", " if note else "")
            out.write(
                f'{{"segmentation": [[{rng.choice(polygons)}]], "area": {rng.random() * 9999:.4f}, "iscrowd": 0, '
                f'"image_id": {rng.randrange(images) * 5}, "bbox": [150.59, 176.63, 282.3, 189.8], '
                f'"category_id": {rng.randrange(1, 91)}, "id": {note}}}'
            )
        out.write(f'], "categories": {json.dumps(CATEGORIES)}}}')
    return images


def _image(rng: random.Random, number: int) -> str:
    name = f"{number * 5:012}.jpg"
    entry = {
        "license": rng.randrange(1, 7),
        "file_name": name,
        "coco_url": f"http://images.cocodataset.org/train2017/{name}",
        "height": 480,
        "width": 640,
        "date_captured": "2013-11-14 17:02:52",
        "flickr_url": f"http://farm{number % 9}.staticflickr.com/{number % 8000}/{number * 7919}_da26cf2c9e_z.jpg",
        "id": number * 5,
    }
    return json.dumps(entry)


def measure(code: str, path: Path, runs: int) -> dict[str, float]:
    """Run one way in a process of its own; return its best seconds, peak memory in bytes, and what it got."""
    words = [sys.executable, "-c", START + code + END, str(path), str(runs)]
    found: dict[str, float] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--megabytes", type=int, default=430)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--folder", type=Path, help="where the file is written (default: a temporary folder)")
    said = ask.parse_args()
    with tempfile.TemporaryDirectory(dir=said.folder) as folder:
        path = Path(folder) / "instances_train2017.json"
        images = generate(path, said.megabytes)
        size = path.stat().st_size
        print(f"{size / 1e6:.0f} MB, {images:,} images")
        base = measure(READ, path, said.runs)
        print(f"{'read the bytes':16} {base['seconds']:6.2f} s          {base['peak'] / 1e6:6.0f} MB")
        for name, code in (("to claims", CLAIMS), ("auditor audit", AUDIT)):
            found = measure(code, path, said.runs)
            assert found["got"] == images, f"{found['got']} items instead of {images}"
            times, memory = found["seconds"] / base["seconds"], found["peak"] / size
            print(
                f"{name:16} {found['seconds']:6.2f} s  {times:4.1f} x  {found['peak'] / 1e6:6.0f} MB, {memory:.1f} x the file"
            )


if __name__ == "__main__":
    main()
