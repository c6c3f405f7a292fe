"""The wheel and the sdist hold all that is needed, and work from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATASET = "id,license\n" + "".join(f"{i},CC BY-SA 4.0\n" for i in range(9))


def run(*command: object, folder: Path, **more: str) -> str:
    env = {**os.environ, **more}
    done = subprocess.run([str(c) for c in command], cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.registry
def test_wheel_and_sdist_work_from_an_empty_folder(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(sys.executable, "-m", "hatchling", "build", "-d", tmp_path / "dist", folder=ROOT)
    (sdist,) = (tmp_path / "dist").glob("*.tar.gz")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    run(*pip, "wheel", "--no-deps", "-w", tmp_path / "again", sdist, folder=tmp_path)
    (again,) = (tmp_path / "again").glob("*.whl")
    for number, made in enumerate((wheel, again)):
        place, empty = tmp_path / f"place{number}", tmp_path / f"empty{number}"
        empty.mkdir()
        run(*pip, "install", "--no-deps", "--target", place, made, folder=empty)
        (empty / "set.csv").write_text(DATASET)
        where = run(
            sys.executable, "-c", "import auditor; print(auditor.__file__)", folder=empty, PYTHONPATH=str(place)
        )
        assert where.startswith(str(place)) and (place / "auditor" / "py.typed").is_file()
        said = run(sys.executable, "-m", "auditor", "audit", "set.csv", folder=empty, PYTHONPATH=str(place))
        assert "9 items: 9 free (100 %)" in said
        page = run(
            sys.executable,
            "-m",
            "auditor",
            "report",
            "set.csv.audit",
            "--format",
            "html",
            folder=empty,
            PYTHONPATH=str(place),
        )
        assert "<style>:root" in page and "DecompressionStream" in page
        assert "wikidata" in run(
            sys.executable, "-m", "auditor", "datasets", "wikidata", folder=empty, PYTHONPATH=str(place)
        )
