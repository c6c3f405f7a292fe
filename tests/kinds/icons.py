"""Icons: collections (Iconify) and brands (Simple Icons) with a licence each, in an object; OpenMoji's table has none."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

SPDX = {"GPL-2.0": "GPL-2.0-only", "GPL-3.0": "GPL-3.0-only"}  # SPDX's old names
OF_MAKERS = {  # sets of Iconify whose makers say something else than Iconify does: see their manifests
    **dict.fromkeys(("simple-icons", "thesvg", "thesvg-color", "logos", "selfhst"), "NOASSERTION"),
    **dict.fromkeys(("devicon", "devicon-plain", "vscode-icons"), "NOASSERTION"),
    "gg": "MIT AND LicenseRef-non-commercial",
    **dict.fromkeys(("uil", "uim", "uis", "uit"), "Apache-2.0 AND LicenseRef-no-redistribution"),
}


def reading(path: Path) -> Counter[str] | None:
    if path.suffix == ".csv":
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert "license" not in rows[0]  # CC BY-SA 4.0 is said in the package's README
        return Counter({"NOASSERTION": len(rows)})
    said = json.loads(path.read_bytes())
    if isinstance(said, list):
        return Counter(of_icon(i.get("license", {})) for i in said)
    return Counter(OF_MAKERS.get(prefix) or of_icon(i["license"]) for prefix, i in said.items())


def of_icon(said: dict[str, Any]) -> str:
    """Iconify has it as `spdx`, Simple Icons as `type`: an SPDX id, or `custom` with the address of terms; most have none."""
    name = said.get("spdx") or said.get("type") or "custom"
    return "NOASSERTION" if name == "custom" else SPDX.get(name, name)
