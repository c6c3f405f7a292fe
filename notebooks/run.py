"""Run notebooks and keep what they show, without what changes from run to run: `make notebooks`."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def run(path: Path, seconds: int = 240) -> nbformat.NotebookNode:
    """Return the notebook as it is after a run from the top; an error in a cell is an error here."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=seconds, record_timing=False, resources={"metadata": {"path": path.parent}}).execute()
    book.metadata = {"kernelspec": book.metadata["kernelspec"], "language_info": {"name": "python"}}
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    return book


def main() -> None:
    for name in sys.argv[1:]:
        print(name)
        nbformat.write(run(Path(name)), name)


if __name__ == "__main__":
    main()
