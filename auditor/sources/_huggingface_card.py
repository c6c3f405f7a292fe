"""A dataset card and what stands beside it, word for word: front matter of every age, the card's own words, dataset_infos.json.

All in a repository of the Hub is what its uploader put there, so each claim's authority is `uploader`: a tag that a
section contradicts is a conflict at one rank, and neither wins (the fields: real-data: huggingface/hub-docs/datasetcard.md,
hub-docs/datasets-cards.md; the legacy ones: real-data: huggingface/cards_datasets-1.18.4).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.sources import _huggingface_yaml as words
from auditor.sources import _repository_readme as readme
from auditor.sources import _repository_said as place

Claim = dict[str, Any]
VOCABULARY = "huggingface"
FRONT = re.compile(
    r"\A(?:\s|<!--.*?-->)*^---[ \t]*\r?\n(.*?)(?:\r?\n)?^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE
)
OF_DATASETS = frozenset(
    [
        "annotations_creators",
        "language_creators",
        "licenses",
        "multilinguality",
        "size_categories",
        "source_datasets",
        "task_categories",
        "task_ids",
        "paperswithcode_id",
        "dataset_info",
        "configs",
        "extra_gated_prompt",
        "viewer",
    ]
)
SAY = frozenset(
    [
        "license",
        "licenses",
        "license_name",
        "license_link",
        "license_details",
        "tags",
        "dataset_info",
        "source_datasets",
        "pretty_name",
        "extra_gated_heading",
        "extra_gated_prompt",
        "extra_gated_description",
        "extra_gated_button_content",
        "extra_gated_fields",
    ]
)
OTHER = frozenset(("other",))  # "other" alone points to the name and the link beside it
WEB = re.compile(r"(?i)https?://\S+")
OWN_FILE = re.compile(
    r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/([\w./-]+?)/(?:blob|resolve|raw)/[^/]+/([\w.-]+)"
)
ITSELF = re.compile(r"(?i)original|extended|unknown|other")
EXTENDED = re.compile(r"(?i)extended\s*\|\s*(?:other-)?")


def split(text: str) -> tuple[str, str]:
    """Return the front matter, without its marks, and the rest; empty where there is none."""
    text = text.removeprefix("\ufeff")
    match = FRONT.match(text)
    return (match.group(1), text[match.end() :]) if match else ("", text)


def front(text: str) -> dict[str, Any]:
    """Return what the front matter says, of the keys that matter here."""
    return words.load(split(text)[0], SAY)


def is_card(head: str) -> bool:
    """Say whether a README that begins so has a dataset card's front matter, or speaks as a card without one."""
    block, rest = split(head)
    if not block and head.removeprefix("\ufeff").lstrip().startswith("---"):
        block = head  # the head was cut inside the front matter
    keys = {words.plain(k) for k in re.findall(r"(?m)^[\"']?([A-Za-z_]+)[\"']?[ \t]*:", block)}
    return bool(keys & OF_DATASETS) or ("license" in keys and "library_name" not in keys) or "Dataset Card for" in rest


def claims(page_item: Claim, text: str, files: list[str]) -> Iterator[Claim]:
    """Yield the claims of a card; files: the licence files beside it."""
    said = front(text)
    base = page_item | place.of_whole(page_item["item_id"], title=title(said), was_derived_from=derived(said))
    found = [*tags(said, files, page_item["item_id"]), *gate(said), *readme.claims(split(text)[1])]
    yield from (base | one for one in found)
    if not found and base.get("was_derived_from"):
        yield base


def tags(said: Mapping[str, Any], files: list[str], known: str = "") -> Iterator[Claim]:
    """Yield the licence claims of a card's metadata (front matter, or the Hub's `cardData`); known: the dataset's id."""
    names, links = words.strings(said.get("license_name")), words.strings(said.get("license_link"))
    name, link = next(iter(names), None), next(iter(links), None)
    beside = _own_file(link or "", known) in files
    url = link if link and WEB.fullmatch(link) and not beside else None
    values = [v for key in ("license", "licenses") for v in _stated(said.get(key))]
    if (name or url or beside) and {v for _, v in values} <= OTHER:
        values = [(None, name)] if name else []
        name = None
    for config, value in values:
        yield place.uploaded(place.TAG, license_text=value, license_url=url, vocabulary=VOCABULARY, label=config)
    if name or (url and not values):
        yield place.uploaded(place.TAG, license_text=name, license_url=url, vocabulary=VOCABULARY)
    for more in names[1:]:
        yield place.uploaded(place.TAG, license_text=more, vocabulary=VOCABULARY)
    for more in links[1:]:
        yield place.uploaded(place.TAG, license_url=more if WEB.fullmatch(more) else None, vocabulary=VOCABULARY)
    for text in words.strings(said.get("license_details")):
        yield place.uploaded(place.TAG, license_text=text)
    for text in tagged(said.get("tags"), "license:") if not values else ():
        yield place.uploaded(place.TAG, license_text=text, vocabulary=VOCABULARY)
    for config, text in _of_configs(said.get("dataset_info")):
        yield place.uploaded(place.INFOS, license_text=text, vocabulary=VOCABULARY, label=config)


def tagged(tags_: Any, prefix: str) -> list[str]:
    """Return what the tags of a prefix say: `license:mit` beside `region:us`."""
    return [
        t.removeprefix(prefix)
        for t in (tags_ if isinstance(tags_, list) else ())
        if isinstance(t, str) and t.startswith(prefix)
    ]


def _of_configs(about: Any) -> Iterator[tuple[str | None, str]]:
    """Yield config and licence of a card's dataset_info, which is one object or one for each config."""
    for config in about if isinstance(about, list) else [about]:
        if isinstance(config, dict):
            of = config.get("config_name") if isinstance(about, list) else None
            yield from ((of if isinstance(of, str) else None, t) for t in words.strings(config.get("license")))


def _own_file(link: str, known: str) -> str:
    """Return the file of the same repository that a link means: its name, or its page on the Hub."""
    match = OWN_FILE.fullmatch(link)
    return match[2] if match and match[1] == known else link.removeprefix("./")


def _stated(value: Any) -> list[tuple[str | None, str]]:
    """Return config and statement of a licence value: a string, a list, a list for each config, or objects of the oldest cards.

    One statement that all configs share is the whole's.
    """
    if isinstance(value, dict) and value:
        each = {str(c): _listed(v) for c, v in list(value.items())[:1000]}
        if len({tuple(v) for v in each.values()}) == 1:
            return [(None, t) for t in next(iter(each.values()))]
        return [(config, text) for config, texts in each.items() for text in texts]
    return [(None, t) for t in _listed(value)]


def _listed(value: Any) -> list[str]:
    return place.together(words.strings(value), "AND", VOCABULARY)


def _one(value: Any) -> str | None:
    found = words.strings(value)
    return found[0] if found else None


def gate(said: Mapping[str, Any]) -> Iterator[Claim]:
    """Yield what must be agreed to before access: the prompt, and each box that has to be ticked, word for word."""
    for key in ("extra_gated_heading", "extra_gated_prompt", "extra_gated_description", "extra_gated_button_content"):
        for text in words.strings(said.get(key)):
            yield access(text)
    fields = said.get("extra_gated_fields")
    for entry in fields if isinstance(fields, list) else [fields]:
        for name, form in entry.items() if isinstance(entry, dict) else ():
            kind = form.get("type") if isinstance(form, dict) else form
            if isinstance(name, str) and kind == "checkbox":
                yield access(name)


def access(text: str) -> Claim:
    """Return the claim that access has terms."""
    return {"authority": "access", "scope": "access", "place": place.GATE, "license_text": text}


def derived(said: Mapping[str, Any]) -> list[str]:
    """Return the datasets that this one says it was made from; `original` and `extended` alone name none."""
    names = [EXTENDED.sub("", s).strip() for s in words.strings(said.get("source_datasets"))]
    return list(dict.fromkeys(n for n in names if n and not ITSELF.fullmatch(n)))


def title(said: Mapping[str, Any]) -> str | None:
    """Return the pretty name; of one for each config, none."""
    value = said.get("pretty_name")
    return value.strip() if isinstance(value, str) else None


def infos(text: str) -> dict[str, str]:
    """Return config -> licence statement of a dataset_infos.json; ValueError where it is no JSON object."""
    try:
        said = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(said, dict):
        raise ValueError("not a JSON object")
    stated = {str(c): _one(i.get("license")) for c, i in said.items() if isinstance(i, dict)}
    return {c: t for c, t in stated.items() if t and not readme.EMPTY.fullmatch(t)}


def info_claims(page_item: Claim, text: str) -> Iterator[Claim]:
    """Yield each distinct statement of the configs, with the configs it is of where they differ."""
    by_text: dict[str, list[str]] = {}
    for config, said in infos(text).items():
        by_text.setdefault(said, []).append(config)
    for said, configs in by_text.items():
        label = ", ".join(configs[:20]) if len(by_text) > 1 else None
        yield page_item | place.uploaded(place.INFOS, license_text=said, label=label)


def by_config(text: str | None, infos_text: str | None) -> dict[str, list[Claim]]:
    """Return config -> its claims, where the configs' own statements differ; else nothing."""
    own: dict[str, list[Claim]] = {}
    whole = list(tags(front(text), [])) if text else []
    for claim in whole:
        if claim.get("label"):
            own.setdefault(claim["label"], []).append({k: v for k, v in claim.items() if k != "label"})
    for config, said in (infos(infos_text) if infos_text else {}).items():
        own.setdefault(config, []).append(place.uploaded(place.INFOS, license_text=said))
    differ = len({json.dumps(c, sort_keys=True) for c in own.values()}) > 1
    shared = [c for c in whole if not c.get("label")] + (list(readme.claims(split(text)[1])) if text else [])
    return {config: claims + shared for config, claims in own.items()} if differ else {}
