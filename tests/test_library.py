"""The examples of the library are run, and its types are there for those who check theirs."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor import auditing

PICTURES = "id,url,license\n1,https://a.example/1.jpg,CC BY 4.0\n2,https://a.example/2.jpg,CC BY-NC 4.0\n3,https://a.example/3.jpg,\n"


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table and its audit, where the examples are run."""
    monkeypatch.chdir(tmp_path)
    Path("pictures.csv").write_text(PICTURES)
    auditor.audit("pictures.csv", "pictures.audit")
    return tmp_path


@pytest.mark.parametrize("name", ["auditor", "auditor.auditing"])
def test_the_examples_in_docstrings(name: str, pictures: Path) -> None:
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted > 4 and done.failed == 0


def test_pandas_shares_the_columns_of_arrow(pictures: Path) -> None:
    frame = auditor.Audit(pictures / "pictures.audit").to_pandas()
    assert list(frame["license_concluded"]) == ["CC-BY-4.0", "CC-BY-NC-4.0", "NOASSERTION"]
    assert isinstance(frame["item_id"].array.__arrow_array__(), pa.ChunkedArray)


def test_every_command_on_an_audit_is_a_method_of_its_name() -> None:
    for name in ("report", "appendix", "export", "filter", "diff", "verify", "gate"):
        method = getattr(auditing.Audit, name)
        assert method.__doc__ and "return" in method.__annotations__


def test_a_script_needs_no_guard_of_its_main_part(tmp_path: Path) -> None:
    """Where pages go to processes, these don't run the program that started them again."""
    rows = [{"id": i, "license": f"CC BY 4.0, see page {i}"} for i in range(2000)]  # each a statement of its own
    for name in ("a", "b", "c"):
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet", row_group_size=500)
    script = tmp_path / "script.py"
    script.write_text(
        "import auditor\nprint('once')\nprint(auditor.audit('.', 'audit', workers=2, processes=True).report().items)\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("once\n6000\n", 0), done.stderr


def test_its_types_are_shipped() -> None:
    assert (Path(auditor.__file__).parent / "py.typed").exists()
