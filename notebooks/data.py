"""Where the data of some notebooks lie: files that no package registry has, in the folder that AUDITOR_REAL_DATA names."""

import os
from pathlib import Path


class NotThere(Exception):
    """Said in a sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def file(place: str, source: str) -> Path:
    """Return a file or folder of the data; `source` says where a reader can get it."""
    folder = os.environ.get("AUDITOR_REAL_DATA")
    found = Path(folder or "") / place
    if folder and found.exists():
        return found
    where = f"the folder {folder}, which AUDITOR_REAL_DATA names," if folder else "a folder of yours"
    raise NotThere(
        f"This notebook reads {place}, which is not here: get it from {source}, put it into {where} under that path"
        + ("" if folder else ", set AUDITOR_REAL_DATA to the folder")
        + ", and run the notebook again. What it showed when it was last run is kept below."
    )
