"""CONTRIBUTING.md followed step by step, in a copy of the project: a source, a licence, a manifest, and then an audit."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = '''"""Lists of pebbles: `pebble|id|licence` a line."""

from collections.abc import Iterator

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.target import Target

SUMMARY = "lists of pebbles, one a line"


def knows(target: Target) -> float:
    """Return 1 for a file whose first line is a pebble."""
    return 1.0 if target.head.startswith(b"pebble|") else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as it is."""
    assert target.path is not None
    yield Page.of_file("pebbles", target.path, target.name)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim for each pebble, word for word."""
    lines = [line.split("|") for line in page.read().decode().splitlines()]
    shared = {"authority": "uploader", "vocabulary": "pebbles"}
    yield from claims(shared | {"item_id": i, "row": n, "license_text": said} for n, (_, i, said) in enumerate(lines))
'''
FIXTURE = "pebble|grey|stone\npebble|red|flint\npebble|odd|gravel\n"
SOURCE_TEST = """from pathlib import Path

import auditor


def test_pebbles(tmp_path: Path) -> None:
    done = auditor.audit(str(Path(__file__).with_name("pebbles.txt")), tmp_path / "out")
    rows = done.findings.to_table(columns=["item_id", "license_concluded"]).to_pylist()
    assert [tuple(r.values()) for r in rows] == [
        ("grey", "CC0-1.0"), ("red", "LicenseRef-Flint"), ("odd", "NOASSERTION")
    ]
"""
MANIFEST = """title = "Pebbles of the beach"
aliases = ["beach pebbles"]
source = "pebbles"
namespace = "pebbles"
"""
ITEMS = """
[items]
from = "own"
quote = "we picked them ourselves"
evidence = "read: a page made up for this test"
how = "publisher page"
"""
STATEMENT = """
[[statement]]
scope = "{scope}"
says = "{says}"
quote = "{says}"
evidence = "read: a page made up for this test"
how = "publisher page"
"""


def put(copy: Path, place: str, text: str) -> None:
    """Write a file, or add lines to one."""
    path = copy / place
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(text)


def line(copy: Path, place: str, **cells: str) -> None:
    """Add a line to a table of knowledge, by the names of its columns; in a policy, in the order of ids."""
    path = copy / place
    lines = path.read_text("utf-8").splitlines()
    top = next(n for n, said in enumerate(lines) if not said.startswith("#")) + 1
    head = lines[top - 1].split("\t")
    assert cells.keys() <= set(head), (place, head)
    body = [*lines[top:], "\t".join(cells.get(name, "") for name in head)]
    if path.parent.name == "policies":
        body.sort(key=lambda said: said.split("\t")[0].lower())
    path.write_text("\n".join([*lines[:top], *body]) + "\n", encoding="utf-8")


def run(copy: Path, *words: str) -> str:
    """Run the copy's auditor; return what it says."""
    code = "import sys; from auditor.cli import main; sys.argv[0] = 'auditor'; main()"
    env = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=copy, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shows(said: str, pattern: str) -> None:
    """The words are in what a command said."""
    assert re.search(pattern, said), said


def pass_tests(copy: Path, place: str) -> None:
    """Run some of the copy's tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", place]
    done = subprocess.run(command, cwd=copy, env=os.environ | {"PYTHONPATH": str(copy)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def checked(copy: Path) -> None:
    """The new manifest is as its schema says."""
    import tomllib

    import jsonschema

    schema = json.loads((copy / "manifests/schema.json").read_text("utf-8"))
    jsonschema.validate(tomllib.loads((copy / "manifests/pebbles.toml").read_text("utf-8")), schema)


def vocabulary(copy: Path) -> None:
    put(copy, "licenses/vocabularies.toml", '\n[pebbles]\ntitle = "Pebbles: kinds of stone"\n')
    put(copy, "licenses/vocabularies/pebbles.tsv", "alias\tlicense\tsource\twords\n")
    line(copy, "licenses/vocabularies/pebbles.tsv", alias="stone", license="CC0-1.0", source="made up", words="stone")


def spelling(copy: Path) -> None:
    line(copy, "licenses/vocabularies/pebbles.tsv", alias="flint", license="LicenseRef-Flint", source="made up")
    line(copy, "licenses/ours.tsv", name="The Flint Licence", license="LicenseRef-Flint", source="made up")


STEPS: dict[tuple[str, int], Callable[[Path], object]] = {
    ("A source", 1): lambda copy: put(copy, "auditor/sources/pebbles.py", SOURCE),
    ("A source", 2): lambda copy: None,  # `knows`, `fetch` and `parse` are written by then; what follows runs them
    ("A source", 3): lambda copy: None,
    ("A source", 4): lambda copy: None,
    ("A source", 5): vocabulary,
    ("A source", 6): lambda copy: put(copy, "tests/sources/pebbles/pebbles.txt", FIXTURE),
    ("A source", 7): lambda copy: put(copy, "tests/sources/pebbles/test_pebbles.py", SOURCE_TEST),
    ("A source", 8): lambda copy: shows(run(copy, "sources"), r"pebbles\s+lists of pebbles"),
    ("A licence", 1): lambda copy: line(
        copy, "licenses/licenseref.tsv", id="LicenseRef-Flint", title="Flint Licence", definition="May be thrown.",
        restrictions="non-commercial", source="made up", words="not for sale",
    ),
    ("A licence", 2): lambda copy: shows(run(copy, "licenses", "flint"), r"LicenseRef-Flint\s+non-commercial"),
    ("A licence", 3): spelling,
    ("A licence", 4): lambda copy: line(
        copy, "licenses/policies/dfsg.tsv", id="LicenseRef-Flint", verdict="non-free", clause="made up", words="not for sale",
        source="made up", how="archive practice",
    ),
    ("A licence", 5): lambda copy: pass_tests(copy, "tests/policy/test_policy_data.py"),
    ("A manifest", 1): lambda copy: put(copy, "manifests/pebbles.toml", MANIFEST),
    ("A manifest", 2): lambda copy: put(copy, "manifests/pebbles.toml", ITEMS),
    ("A manifest", 3): lambda copy: put(copy, "manifests/pebbles.toml", STATEMENT.format(scope="media", says="CC BY 4.0")),
    ("A manifest", 4): lambda copy: put(
        copy, "manifests/pebbles.toml", STATEMENT.format(scope="media", says="CC BY-NC 4.0")
    ),
    ("A manifest", 5): lambda copy: (copy / "manifests/pebbles.toml").write_text(
        'missing = ["annotations"]\n' + (copy / "manifests/pebbles.toml").read_text("utf-8"), encoding="utf-8"
    ),
    ("A manifest", 6): lambda copy: checked(copy),
}  # fmt: skip


def written() -> list[tuple[str, int]]:
    """The steps of CONTRIBUTING.md, in their order."""
    found, title = [], ""
    for said in (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines():
        title = said.removeprefix("## ") if said.startswith("## ") else title
        if step := re.match(r"(\d+)\. ", said):
            found.append((title, int(step[1])))
    return found


def test_a_newcomer_follows_it(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in ("auditor", "licenses", "manifests", "tests/policy"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py", "tests/__init__.py"):
        shutil.copy(ROOT / name, copy / name)
    assert written() == list(STEPS)
    for follow in STEPS.values():
        follow(copy)
    pass_tests(copy, "tests/sources/pebbles")
    assert "LicenseRef-Flint" in run(copy, "explain", "The Flint Licence")
    assert "LicenseRef-Flint" in run(copy, "explain", "--vocabulary", "pebbles", "flint")
    shown = run(copy, "datasets", "pebbles")
    assert "items: own" in shown and "CC BY 4.0" in shown and "not verified: annotations" in shown
    said = run(copy, "audit", "tests/sources/pebbles/pebbles.txt", "-o", "out")
    assert "3 items: 1 free (33.3 %), 1 not free (33.3 %), 1 undetermined (33.3 %)." in said
    whole = run(copy, "audit", "beach pebbles", "--offline", "-o", "whole")
    assert "CC BY 4.0" in whole and "CC BY-NC 4.0" in whole and "NOT FREE" in whole
