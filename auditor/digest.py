"""What made a finding: a hash of auditor's code, its knowledge and the options of the audit."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from auditor.data import folder


@cache
def _made_of() -> str:
    sums = hashlib.sha256()
    for top in (Path(__file__).parent, folder("licenses"), folder("manifests")):
        for file in sorted(f for f in top.rglob("*") if f.suffix in (".py", ".toml", ".tsv", ".txt")):
            sums.update(file.relative_to(top).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return sums.hexdigest()


def digest(options: dict[str, Any]) -> str:
    """Return the digest that parts carry: a part made by other code, knowledge or options is derived again."""
    said = json.dumps([_made_of(), options], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:20]
