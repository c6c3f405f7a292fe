"""What ImageNet's synsets are called: the files of words that come with it, by their published names.

words.txt and synset_words.txt, LOC_synset_mapping.txt (`n01440764 tench, Tinca tinca`, a tab or a space between) and
imagenet_class_index.json (`{"0": ["n01440764", "tench"]}`).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import BadOption
from auditor.target import Target

NAMES = ("synset_words.txt", "loc_synset_mapping.txt", "words.txt", "imagenet_class_index.json")
LINE = re.compile(r"^(n\d{8})[ \t]+(.+?)\s*$", re.MULTILINE)
LARGEST = 16 << 20  # bytes of such a file


def words_of(target: Target) -> dict[str, str]:
    """Return words by synset: of the file that `--column words=FILE` names, else of one in or beside the target."""
    given = target.columns.get("words")
    if given is not None:
        found = read(Path(given)) if Path(given).is_file() else {}
        if not found:
            raise BadOption(
                f"{given} is no file of synsets and their words: give one with lines like `n01440764 tench`."
            )
        return found
    near: Iterable[Path] = target.files
    if target.path is not None and target.path.is_file():
        near = (target.path.parent / n for n in (*NAMES, "LOC_synset_mapping.txt"))
    files = sorted(
        (f for f in near if f.name.lower() in NAMES and f.is_file()), key=lambda f: NAMES.index(f.name.lower())
    )
    return next((found for f in files if (found := read(f))), {})


def read(path: Path) -> dict[str, str]:
    """Return the words by synset that a file holds; empty where it holds none."""
    with path.open("rb") as stream:
        text = stream.read(LARGEST).decode("utf-8", "replace")
    if not text.lstrip().startswith("{"):
        return dict(LINE.findall(text))
    try:
        pairs = json.loads(text).values()
        return {wnid: name.replace("_", " ") for wnid, name in pairs if re.fullmatch(r"n\d{8}", wnid)}
    except (ValueError, TypeError, AttributeError):
        return {}


def labels(synsets: pa.Array, words: dict[str, str]) -> pa.Array:
    """Return `n01440764 tench` for each synset, the synset alone where it has no words; a dictionary array."""
    coded = synsets.dictionary_encode() if not pa.types.is_dictionary(synsets.type) else synsets
    named = [f"{s} {words[s]}" if s in words else s for s in coded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(named, pa.string()))


def synset_of(names: pa.Array) -> pa.Array:
    """Return the synset that each id or path holds (`n01440764` of `n01440764_10026`), or null."""
    return pc.struct_field(pc.extract_regex(names, r"(?:^|/)(?P<wnid>n[0-9]{8})(?:[_/.]|$)"), [0])
