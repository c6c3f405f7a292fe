"""What all tests share: the real data where there are some, and a run of the command line in this process."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of an example; what must be fast has a test that measures it.
settings.register_profile("auditor", deadline=None)
settings.load_profile("auditor")


@dataclass
class Run:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; the test is skipped, and says so, where there is none."""
    said = os.environ.get("AUDITOR_REAL_DATA")
    if not said:
        pytest.skip("needs real data: set AUDITOR_REAL_DATA to their folder")
    folder = Path(said)
    assert folder.is_dir(), f"AUDITOR_REAL_DATA={said} is no folder"
    return folder


@pytest.fixture
def auditor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run a command line in this process."""

    def run(*words: object) -> Run:
        from auditor.cli import main

        monkeypatch.setattr("sys.argv", ["auditor", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        code = stopped.value.code
        return Run(code if isinstance(code, int) else 0, said.out, said.err)

    return run
