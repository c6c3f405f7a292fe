"""What a package says of itself as a whole: its metadata, and what can only restrict beside them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sources.package.packages import TABLE, local, wheel
from tests.test_unpack import made_tar


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("License-Expression: MIT\nLicense: Other\nClassifier: License :: OSI Approved\n", ["MIT"]),
        ("License: BSD\nClassifier: License :: A :: B\nClassifier: Topic :: C\n", ["BSD"]),
        ("Classifier: License :: A :: B\nClassifier: Topic :: C\n", ["License :: A :: B"]),
        ("License: UNKNOWN\nLicense-File: COPYING.own\n", ["Own words"]),
        ("License: line one\n        line two\n", ["line one\nline two"]),
    ],
)
def test_what_a_wheel_says_of_itself(metadata: str, said: list[str], tmp_path: Path) -> None:
    files = {"heron_data-1.2.dist-info/licenses/COPYING.own": b"Own words", "heron/d.csv": TABLE}
    _, rows, _ = local(wheel(tmp_path, files, f"Name: heron-data\n{metadata}"), tmp_path / "store")
    assert [r["license_text"] for r in rows if r["authority"] == "dataset" and "license_text" in r] == said


@pytest.mark.parametrize(
    ("metadata", "file", "concluded"),
    [
        # A family beside a licence of it adds nothing; alone it names none.
        ("License: BSD 3-Clause\nClassifier: License :: OSI Approved :: BSD License\n", "", "BSD-3-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "", "NOASSERTION"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "Licensed under BSD-3-Clause.", "BSD-3-Clause"),
        ("Classifier: License :: Free for non-commercial use\n", "Licensed under BSD-3-Clause.", "NOASSERTION"),
        ("License: MIT\nClassifier: License :: Free for non-commercial use\n", "", "NOASSERTION"),
        ("License-Expression: MIT\n", "The data are for non-commercial use only.", "NOASSERTION"),
        ("License-Expression: MIT\n", "Thanks to all who helped.", "MIT"),
    ],
)
def test_what_stands_beside_the_stated_licence_can_only_restrict(
    metadata: str, file: str, concluded: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    files = {"heron_data-1.2.dist-info/licenses/COPYING.own": file.encode(), "heron/d.txt": b"x"} if file else {}
    named = f"Name: heron-data\n{metadata}" + ("License-File: COPYING.own\n" if file else "")
    made = wheel(tmp_path, files, named)
    auditor("audit", made, "-o", tmp_path / "out")
    whole = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
    assert whole["license_concluded"] == concluded


@pytest.mark.parametrize(
    ("name", "words", "concluded"),
    [
        (
            "License",
            "Icon License v2\n\nYou may not sell or redistribute the icons.",
            "NOASSERTION",
        ),  # as in npm remixicon
        ("License", "Thanks to all who helped.", "Apache-2.0"),
        ("README.md", "# Icons\n\n## License\n\nThe icons are for non-commercial use only.", "NOASSERTION"),
        ("readme.md", "# Icons\n\n## License\n\nApache-2.0\n", "Apache-2.0"),
        ("README.md", "# Icons\n\n## Usage\n\nNot for commercial circus tents.", "Apache-2.0"),
        ("licenses.js", "not for commercial use", "Apache-2.0"),
    ],
)
def test_licence_file_and_readme_of_an_npm_package(
    name: str, words: str, concluded: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    """Whatever the file's name is written like; beside a stated licence both can only restrict."""
    meta = json.dumps({"name": "heron", "license": "Apache-2.0"}).encode()
    made = made_tar(tmp_path / "heron.tgz", {"package/package.json": meta, f"package/{name}": words.encode()}, "w:gz")
    auditor("audit", made, "-o", tmp_path / "out")
    whole = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
    assert whole["license_concluded"] == concluded


def test_the_long_description_of_a_wheel_can_restrict(auditor: Callable[..., Any], tmp_path: Path) -> None:
    for body, concluded in (("## License\n\nThe data are CC BY-NC 4.0.", "NOASSERTION"), ("## License\n\nMIT", "MIT")):
        made = wheel(
            tmp_path, {"heron/d.txt": b"x"}, f"Name: heron-data\nLicense-Expression: MIT\n\n# Herons\n\n{body}\n"
        )
        auditor("audit", made, "-o", tmp_path / concluded)
        whole = json.loads((tmp_path / concluded / "audit.json").read_text(encoding="utf-8"))["dataset"]["conclusion"]
        assert whole["license_concluded"] == concluded
