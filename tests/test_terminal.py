"""A dataset's own words do nothing to the terminal, nor to a table or a list that they stand in, whichever command prints them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

EVIL = "\x1b[2J\x1b]0;x\x07\u202e\r\n# x\n"
LICENSES = ("CC BY 4.0", "CC BY-NC 4.0", f"{EVIL} custom", "MIT", "CC BY-ND 2.0")


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import auditor

    folder = tmp_path_factory.mktemp("evil")
    rows = [
        {
            "id": f"{n}{EVIL}",
            "title": EVIL,
            "creator": EVIL,
            "url": f"https://a{n % 2}.example/{EVIL}",
            "license": LICENSES[n % len(LICENSES)],
            "label": f"{n % 3}{EVIL}",
            "split": f"{n % 2}{EVIL}",
        }
        for n in range(15)
    ]
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text(json.dumps(rows))
        auditor.audit(str(folder / f"{name}.json"), folder / name)
        for row in rows[:9]:
            row["license"] = "CC0"
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "report a",
        "report a --format md",
        "report a --format html",
        "filter a",
        "diff a b",
        "verify a",
        "gate a --fail-on non-free",
        "appendix a --format md",
        "appendix a --format html",
        "appendix a --format tex",
        "appendix a --format dep5",
        "appendix a --format notice",
        "lineage a",
        "lineage a --format mermaid",
        "export a --format spdx-tv",
    ],
)
def test_what_is_printed_can_be_printed(
    audits: Path, command: str, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(audits)
    run = auditor(*command.split())
    assert run.code in (0, 1), run.err
    assert {c for c in run.out + run.err if not c.isprintable()} <= {"\n"}
    assert "\n# x\n" not in run.out
