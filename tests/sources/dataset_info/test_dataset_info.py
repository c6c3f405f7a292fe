"""Made-up dataset_info.json of TensorFlow Datasets and of Hugging Face's datasets."""

from pathlib import Path
from typing import Any

import pytest

from tests.sources.records import of, stated


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {
                "name": "birds",
                "moduleName": "m",
                "redistributionInfo": {"license": "CC BY-NC 4.0"},
                "fileFormat": "tfrecord",
            },
            [("CC BY-NC 4.0", None)],
        ),
        ({"name": "birds", "fileFormat": "tfrecord", "location": {"urls": ["https://x.example"]}}, []),
        ({"builder_name": "birds", "license": "https://x.example/l", "features": {}}, [(None, "https://x.example/l")]),
        ({"dataset_name": "birds", "license": "", "features": {}}, []),
    ],
)
def test_what_is_said_of_the_whole(tmp_path: Path, document: Any, said: list[Any]) -> None:
    found = of(document, "dataset_info", tmp_path, "dataset_info.json")["dataset"]
    assert stated(found) == said
    assert {c["title"] for c in found} <= {"birds"}
