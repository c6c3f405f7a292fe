"""The notebooks run from the top, and what they tell is still what they show."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
sys.path.insert(0, str(FOLDER))


def outputs(book: Any) -> list[Any]:
    return [o for cell in book["cells"] if cell["cell_type"] == "code" for o in cell["outputs"]]


def pictures(book: Any) -> int:
    return sum("image/png" in o.get("data", {}) for o in outputs(book))


def words(book: Any) -> str:
    """Return what the cells printed and showed as text, with single spaces."""
    said = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs(book)]
    return " ".join("\n".join(said).split())


def numbers(pattern: str, said: str) -> list[int]:
    found = re.search(pattern, said)
    assert found, f"{pattern} is not in: {said}"
    return [int(n.replace(",", "")) for n in found.groups()]


def run(name: str, needs_data: bool) -> Any:
    if needs_data and not os.environ.get("AUDITOR_REAL_DATA"):
        pytest.skip("needs real data: set AUDITOR_REAL_DATA to their folder")
    from run import run as again

    (path,) = FOLDER.glob(f"{name}*.ipynb")
    book = again(path)
    assert pictures(book) >= 1
    return book


def test_notebooks_are_kept_with_what_they_show_and_without_a_machine() -> None:
    assert [path.name[0] for path in BOOKS] == list("123456")
    for path in BOOKS:
        text = path.read_text(encoding="utf-8")
        book = json.loads(text)
        assert pictures(book) >= 1, f"{path.name} shows nothing: run `make notebooks`"
        assert len(text) < 400_000, f"{path.name} is too large to keep"
        assert not re.search(r"/(?:tmp|home|work|root|Users)/", text), f"{path.name} names a folder of a machine"
        assert not any(o["output_type"] == "error" for o in outputs(book))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2", "4", "6"])
def test_without_its_data_a_notebook_says_in_a_sentence_what_to_get(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient.exceptions import CellExecutionError

    monkeypatch.delenv("AUDITOR_REAL_DATA", raising=False)
    with pytest.raises(CellExecutionError) as raised:
        run(name, needs_data=False)
    assert re.search(
        r"This notebook reads [\w/.]+, which is not here: get it from .*AUDITOR_REAL_DATA", raised.value.traceback
    )
    assert "Traceback" not in raised.value.traceback


@pytest.mark.slow
@pytest.mark.registry
def test_a_dataset_looked_at() -> None:
    said = words(run("1", needs_data=False))
    items, free, not_free, undetermined = numbers(
        r"([\d,]+) items, ([\d,]+) free, ([\d,]+) non-free, ([\d,]+) undetermined>", said
    )
    assert items == free + not_free + undetermined and items > 2_000 and min(free, not_free, undetermined) > 50
    assert "SHA-256" in said
    reasons = numbers(r"([\d,]+) nothing is said.* ([\d,]+) something is said.* ([\d,]+) statements contradict", said)
    assert min(reasons) > 0 and 1_000 < sum(reasons) <= undetermined


@pytest.mark.slow
def test_a_list_of_addresses_and_its_hosts() -> None:
    said = words(run("2", needs_data=True))
    assert re.search(r"NONE NOASSERTION unknown academic-only undetermined items 0 1000", said), said
    requests, hosts = numbers(r"([\d,]+) requests to ([\d,]+) hosts", said)
    assert requests > 1_000 and 400 < hosts < 500 and "www.flickr.com" in said


@pytest.mark.slow
@pytest.mark.registry
def test_a_wikipedia_dump() -> None:
    said = words(run("3", needs_data=False))
    articles, redirects = numbers(r"article CC-BY-SA-3.0 free (\d+) 1 redirect CC-BY-SA-3.0 free (\d+)", said)
    assert (articles, redirects) == (106, 100)  # of the dump that gensim has carried since 2016
    assert "Anarchism" in said and "action=history" in said
    last, pages, machines = numbers(r"(\d+) names were the last to change (\d+) pages; (\d+) pages", said)
    assert pages == articles + redirects and machines < last < pages


@pytest.mark.slow
def test_the_free_subset() -> None:
    said = words(run("4", needs_data=True))
    kept, of = numbers(r"([\d,]+) of ([\d,]+) clips pass", said)
    attribution, nc, zero = numbers(
        r"LicenseRef-CC-BY undetermined (\d+).*LicenseRef-CC-BY-NC non-free (\d+).*CC0-1.0 free (\d+)", said
    )
    assert kept == zero and of == attribution + nc + zero == 9_473
    assert "| Clarinet | 300 | 36 |" in said and "CC0" not in said.split("fname")[0].split("share")[-1]


@pytest.mark.slow
@pytest.mark.registry
def test_the_appendix_of_a_release() -> None:
    said = words(run("5", needs_data=False))
    pages, credited = numbers(r"Wikipedia pages (\d+) \d+ (\d+)", said)
    assert pages == credited == 206  # every page names its history
    logos, free, whole = numbers(r"Simple Icons (\d+) (\d+) (\d+)", said)
    assert logos > 3_000 and 0 < whole < free / 2  # it does not say who drew them
    assert f"{free} rows, {whole} complete" in said and "Format: https://www.debian.org/doc/" in said


@pytest.mark.slow
def test_hosts_against_experts() -> None:
    said = words(run("6", needs_data=True))
    freer, of = numbers(r"freer than every statement it was given: (\d+) of (\d+)", said)
    right, checked = numbers(r"a host states it: (\d+) of (\d+)", said)
    assert freer == 0 and of > 400 and right / checked > 0.9
    for host in ("Hugging Face", "GitHub", "Papers with Code"):
        restricted, stated = numbers(rf"{host}: of (\d+) restricted datasets with a class stated, (\d+)", said)
        assert 0 < stated <= restricted
