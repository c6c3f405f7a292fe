"""The texts of SPDX exceptions (`licenses/exception_texts.tsv`), for whoever has to pass one on beside the licence's.

`python -m auditor.licensing._texts_exceptions FOLDER RELEASE` writes the file anew: licensedcode/data/licenses of a release of PyPI
scancode-toolkit, since no other package that was found has them. They are not read by: an exception alone is no licence.
"""

import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from auditor import data
from auditor.licensing import spdx_list, tables
from auditor.licensing._texts_corpus import escaped, unescaped

NAME = "exception_texts.tsv"
_PARTS = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)


@cache
def _texts() -> Mapping[str, str]:
    return {row["id"]: unescaped(row["text"]) for row in tables.rows(NAME)}


def text(identifier: str) -> str | None:
    """Return the text of an exception, or None where no package was found that has it."""
    return _texts().get(identifier)


def write(folder: Path, release: str) -> int:
    """Write `licenses/exception_texts.tsv` from ScanCode's files, each YAML and a text."""
    import yaml

    rows: dict[str, str] = {}
    for file in sorted(folder.glob("*.LICENSE")):
        parts = _PARTS.fullmatch(file.read_text(encoding="utf-8"))
        told = yaml.safe_load(parts[1]) if parts else {}
        for identifier in (told.get("spdx_license_key"), *(told.get("other_spdx_license_keys") or ())):
            known = spdx_list.load().get(identifier or "")
            if parts and known and known.kind == "exception":
                source = f"PyPI scancode-toolkit {release}, licensedcode/data/licenses/{file.name} (CC-BY-4.0)"
                rows[identifier] = "\t".join((identifier, escaped(parts[2]), source))
    lines = ["\t".join(("id", "text", "source")), *(rows[i] for i in sorted(rows, key=str.lower))]
    (data.folder("licenses") / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(rows)


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]), sys.argv[2])} texts")
