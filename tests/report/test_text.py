"""The report in a terminal: as wide as that, in plain words, nothing lost."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import auditor
from auditor.report.text import render

ROWS = [
    "id,url,title,creator,license,split",
    "a,https://a.example/1,Door,Ada,CC BY 4.0,train",
    f"b{'x' * 90},https://a.example/{'y' * 200},Rain,Bo,CC BY-NC 4.0,train",
    f"c,https://b.example/3,Bell,Cy,{'see the terms ' * 30},validation",
    "d,,,,For non-commercial research purposes only,validation",
]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> auditor.Audit:
    folder = tmp_path_factory.mktemp("wide")
    (folder / "set.csv").write_text("\n".join(ROWS) + "\n")
    return auditor.audit(str(folder / "set.csv"), folder / "audit")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(done: auditor.Audit, width: int) -> None:
    report = done.report()
    said = render(report, width)
    assert max(map(len, said.splitlines())) <= width
    letters = [sorted(re.sub(r"[\s-]", "", text)) for text in (said, render(report, 1000))]
    assert letters[0] == letters[1]


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_one_is_one_item_and_a_path_is_no_title(tmp_path: Path, form: str) -> None:
    (tmp_path / "one.csv").write_text("id,url,title,creator,license\n1,https://a.example/1,Door,Ada,CC BY 4.0\n")
    one = auditor.audit(str(tmp_path / "one.csv"), tmp_path / "audit")
    said = one.report().render(form)
    assert not re.search(r"(?<![\d,])1 items|the 1 item", said)
    assert "Freeness of one.csv" in said
    assert one.title == "one.csv"
    for text in (
        str(one.filter(under="osi")),
        one.appendix().summary(),
        str(one.gate("unknown>0%")),
        str(one.compatibility().lines()),
    ):
        assert "1 items" not in text


def test_the_command_is_as_wide_as_its_terminal(done: auditor.Audit) -> None:
    parent, child = pty.openpty()
    command = [sys.executable, "-c", "from auditor.cli import main; main()", "report", str(done.folder)]
    with subprocess.Popen(command, stdout=child, env={**os.environ, "COLUMNS": "64"}) as running:
        os.close(child)
        said = b""
        try:
            while piece := os.read(parent, 65536):
                said += piece
        except OSError:  # how Linux says that nobody writes any more
            pass
        assert running.wait(60) == 0
    os.close(parent)
    assert 60 <= max(len(line) for line in said.decode().splitlines()) <= 64


def test_what_forbids_nothing_and_what_the_policy_calls_free_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,license\n1,CC BY 4.0\n2,CC BY\n3,CC BY-NC 4.0\n4,CC BY-SA 2.0\n")
    report = auditor.audit(str(tmp_path / "a.csv"), tmp_path / "a").report()
    told = (
        "nothing, for 3 items (`free`, `free-sharealike`), of which the policy `dfsg` calls 1 free; why not the others"
    )
    assert told in render(report, 1000)
    (tmp_path / "b.csv").write_text("id,license\n1,CC BY 4.0\n3,CC BY-NC 4.0\n")
    assert "of which the policy" not in auditor.audit(str(tmp_path / "b.csv"), tmp_path / "b").report().render()
