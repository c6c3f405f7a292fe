"""How fast is a MediaWiki dump read, against decompressing it and against mwxml with mwparserfromhell in the same run?

    .venv/bin/python benchmarks/mediawiki.py [--mb 500] [--files 0.5] [--peers 20] [--folder DIR]

Generates a multistream dump (100 pages a stream, as dumps.wikimedia.org has them) of so many MB of XML, the stated
share of it File: pages with licence templates, then measures, each in processes of its own and on two cores:
decompressing alone (a pool over streams; indexed_bzip2 and lbzip2 where they are installed; the fastest counts);
`fetch` and `parse` of this project over slices in a pool of 2, as installed and as where lbzip2 is not; mwxml and mwparserfromhell on `--peers` MB of it,
scaled up and halved for two cores. Prints seconds, ratios and peak memory. mwxml is no dependency: install it first.
"""

import argparse
import bz2
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TAGS = [
    "{{self|cc-by-sa-4.0}}", "{{self|GFDL|cc-by-sa-3.0,2.5,2.0,1.0}}", "{{cc-by-2.0}}\n{{flickrreview|bot|2012}}",
    "{{PD-old-70}}", "{{PD-Art|PD-old-100}}", "{{cc-zero}}", "{{GFDL|migration=relicense}}", "{{PD-USGov-NASA}}",
    "{{cc-by-sa-3.0|A. Uthor}}",
]  # fmt: skip
ZIPF = list(itertools.accumulate(1 / rank for rank in range(1, 40_001)))  # words of a text follow Zipf's law
HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
  <siteinfo>
    <sitename>Wikimedia Commons</sitename>
    <dbname>commonswiki</dbname>
    <base>https://commons.wikimedia.org/wiki/Main_Page</base>
    <generator>MediaWiki 1.46.0-wmf.7</generator>
    <case>first-letter</case>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="6" case="first-letter">File</namespace>
    </namespaces>
  </siteinfo>
"""
PAGE = """  <page>
    <title>{title}</title>
    <ns>{ns}</ns>
    <id>{id}</id>
    <revision>
      <id>{revision}</id>
      <parentid>{id}</parentid>
      <timestamp>20{year:02}-{month:02}-{day:02}T12:30:00Z</timestamp>
      <contributor>
        <username>User {user}</username>
        <id>{user}</id>
      </contributor>
      <comment>/* top */ an edit</comment>
      <origin>{revision}</origin>
      <model>wikitext</model>
      <format>text/x-wiki</format>
      <text bytes="{size}" sha1="phoiac9h4m842xq45sp7s6u21eteeq1" xml:space="preserve">{text}</text>
      <sha1>phoiac9h4m842xq45sp7s6u21eteeq1</sha1>
    </revision>
  </page>
"""


def page(rng: random.Random, words: list[str], number: int, file: bool) -> str:
    prose = " ".join(rng.choices(words, cum_weights=ZIPF, k=rng.randint(60, 140) if file else rng.randint(300, 1500)))
    if file:
        text = (
            f"=={{{{int:filedesc}}}}==\n{{{{Information\n|description={{{{en|1={prose}}}}}\n|date=2012-08-26\n|source={{{{own}}}}\n"
            f"|author=[[User:User {number}|User {number}]]\n|permission=\n|other versions=\n}}}}\n\n"
            f"=={{{{int:license-header}}}}==\n{rng.choice(TAGS)}\n\n[[Category:{rng.choice(words)}]]"
        )
    else:
        text = f"'''{rng.choice(words)}''' {prose} &lt;ref name=&quot;a&quot;&gt;{{{{cite web|url=http://x.example/{number}}}}}&lt;/ref&gt;"
    return PAGE.format(
        title=("File:" if file else "") + f"{rng.choice(words).title()} {number}" + (".jpg" if file else ""),
        ns=6 if file else 0, id=number, revision=number * 7, year=rng.randint(5, 25), month=rng.randint(1, 12),
        day=rng.randint(1, 28), user=rng.randint(1, 99_999), size=len(text), text=text,
    )  # fmt: skip


def generate(path: Path, megabytes: int, share: float) -> int:
    """Write the dump; return how many pages it has."""
    rng = random.Random(11)
    letters = "etaoinshrdlucmfwypvbgkqjxz"
    words = ["".join(rng.choices(letters, weights=range(26, 0, -1), k=rng.randint(2, 11))) for _ in ZIPF]
    number, written = 0, 0
    with path.open("wb") as out:
        out.write(bz2.compress(HEAD.encode()))
        while written < megabytes << 20:
            pages = []
            for _ in range(100):
                number += 1
                pages.append(page(rng, words, number, rng.random() < share))
            stream = "".join(pages).encode()
            written += len(stream)
            out.write(bz2.compress(stream))
        out.write(bz2.compress(b"</mediawiki>\n"))
    return number


POOL = """
import bz2, re, mmap, sys
from concurrent.futures import ProcessPoolExecutor
def work(part):
    with open(sys.argv[1], "rb") as stream:
        stream.seek(part[0])
        return len(bz2.decompress(stream.read(part[1] - part[0])))
if __name__ == "__main__":
    with open(sys.argv[1], "rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        starts = [m.start() for m in re.finditer(rb"BZh[1-9]1AY&SY", data)][::16]
        ends = [*starts[1:], len(data)]
    with ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(work, zip(starts, ends), chunksize=2)))
"""
INDEXED = """
import sys, indexed_bzip2
with indexed_bzip2.open(sys.argv[1], parallelization=2) as stream:
    while stream.read(1 << 22):
        pass
"""
OURS = """
import collections, json, sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from auditor.sources import mediawiki_dump
from auditor.target import Target
def work(page):
    found, rows = collections.Counter(), 0
    for batch in mediawiki_dump.parse(page):
        rows += batch.num_rows
        found.update(batch.column("license_text").to_pylist())
    return rows, found
if __name__ == "__main__":
    path = Path(sys.argv[1])
    pages = list(mediawiki_dump.fetch(Target(str(path), path), None))
    found, rows = collections.Counter(), 0
    with ProcessPoolExecutor(2) as pool:
        for some, of in pool.map(work, pages):
            rows += some
            found += of
    print(json.dumps({"rows": rows, "statements": len(found), "slices": len(pages)}))
"""
PEERS = """
import bz2, sys
import mwparserfromhell, mwxml
bytes_, pages = 0, 0
with bz2.open(sys.argv[1], "rt", encoding="utf-8") as stream:
    for page in mwxml.Dump.from_file(stream):
        for revision in page:
            text = revision.text or ""
            names = [str(t.name).strip() for t in mwparserfromhell.parse(text).filter_templates()]
            bytes_ += len(text.encode()) + 700
        pages += 1
        if bytes_ > float(sys.argv[2]) * (1 << 20):
            break
print(pages)
"""


def measured(command: list[str], **more: str) -> tuple[float, float, str]:
    """Run a command (with `more` in its environment); return seconds, peak memory of its largest process in MB, its words."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONWARNINGS": "ignore"} | more)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"failed: {' '.join(command)[:80]}")
    return seconds, used.ru_maxrss / 1024, said.strip()


def has(module: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mb", type=int, default=500)
    ap.add_argument("--files", type=float, default=0.5, help="share of pages that are File: pages")
    ap.add_argument("--peers", type=float, default=20, help="MB for mwxml and mwparserfromhell; 0: not measured")
    ap.add_argument("--rounds", type=int, default=3, help="each is measured so often, in turns; the best counts")
    ap.add_argument("--folder", type=Path, help="keep the generated dump here, and use it again")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.folder or Path(temporary)
        path = folder / f"commonswiki-20260101-pages-articles-multistream-{a.mb}-{a.files}.xml.bz2"
        if not path.exists():
            generate(path, a.mb, a.files)
        report(path, folder, a)


def report(path: Path, folder: Path, a: argparse.Namespace) -> None:
    python = sys.executable
    scripts = {}
    for name, code in (("pool", POOL), ("indexed", INDEXED), ("ours", OURS), ("peers", PEERS)):
        scripts[name] = folder / f"_{name}.py"
        scripts[name].write_text(code)
    commands = {"pool of 2 over streams": [python, str(scripts["pool"]), str(path)]}
    if has("indexed_bzip2"):
        commands["indexed_bzip2, 2 threads"] = [python, str(scripts["indexed"]), str(path)]
    if lbzip2 := shutil.which("lbzip2"):
        commands["lbzip2, 2 threads"] = ["sh", "-c", f"{lbzip2} -n 2 -dc '{path}' > /dev/null"]
    floors = dict.fromkeys(commands, float("inf"))
    seconds, plain, memory, said = float("inf"), float("inf"), 0.0, ""
    for _ in range(a.rounds):
        for name, command in commands.items():
            floors[name] = min(floors[name], measured(command)[0])
        took, peak, said = measured([python, str(scripts["ours"]), str(path)])
        seconds, memory = min(seconds, took), max(memory, peak)
        if lbzip2:
            plain = min(plain, measured([python, str(scripts["ours"]), str(path)], PATH=str(folder))[0])
    found = json.loads(said)
    for name, took in floors.items():
        print(f"decompress only, {name}: {took:.1f} s")
    print(f"fetch and parse, pool of 2: {seconds:.1f} s, {memory:.0f} MB at most in a process; {found}")
    print(f"ratio to the fastest decompression: {seconds / min(floors.values()):.2f} (target: at most 2)")
    if lbzip2:
        print(f"as where lbzip2 is not installed: {plain:.1f} s, {plain / min(floors.values()):.2f}")
    if a.peers and has("mwxml"):
        took, _, pages = measured([python, str(scripts["peers"]), str(path), str(a.peers)])
        whole = took * found["rows"] / int(pages) / 2
        print(f"mwxml and mwparserfromhell: {took:.1f} s for {pages} pages, {whole:.0f} s for all on two cores")
        print(f"they take {whole / seconds:.1f} times as long (target: at least 4)")
    for script in scripts.values():
        script.unlink()


if __name__ == "__main__":
    sys.exit(main())
