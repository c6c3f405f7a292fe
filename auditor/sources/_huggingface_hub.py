"""The Hub over the network: its API's answer, the card, dataset_infos.json and licence files; never the data unasked.

Fields: `/api/datasets/{id}` of the Hub's own client (npm @huggingface/hub, src/types/api/api-dataset.ts): id, author, sha,
gated (false, "auto", "manual"), tags, cardData, siblings. Data files: `/api/datasets/{id}/parquet`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from auditor.errors import BadInput, NotReachable
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _huggingface_card as card
from auditor.sources import _huggingface_names as names
from auditor.sources import _repository_said as place
from auditor.sources import manifest
from auditor.target import Target

SPEAKS = re.compile(r"(?i)licen[sc]e|copyright|rights")


def pages(target: Target, name: names.Name, get: Get) -> Iterator[Page]:
    """Yield the pages that speak of a dataset; where the Hub can't be reached, what a manifest says of it."""
    hub = names.endpoint(target)
    try:
        answer = get.file(
            f"{hub}/api/datasets/{name.id}" + (f"/revision/{name.revision}" if name.revision else ""), "huggingface"
        )
    except NotReachable as error:
        why = NotReachable(f"{error} ({name.id} was taken for a dataset of the Hugging Face Hub.)")
        yield from manifest.instead(target, get, "the Hub", why if target.manifest is None else error)
        return
    said = info(answer)
    yield answer.with_(level="dataset", context={"format": "api", "id": name.id})
    yield from _files(target, name, get, said)
    yield from _data(target, name, get, said)


def info(page: Page) -> dict[str, Any]:
    """Return the API's answer; BadInput where it is none."""
    try:
        said = json.loads(page.read())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or "error" in said:
        raise BadInput(f"{page.locator} did not answer as the Hub's API does: check the dataset's name and --endpoint.")
    return said


def _files(target: Target, name: names.Name, get: Get, said: dict[str, Any]) -> Iterator[Page]:
    listed = [s.get("rfilename") for s in said.get("siblings") or () if isinstance(s, dict)]
    present = [f for f in listed if isinstance(f, str)]
    licenses = [f for f in present if place.is_license(f)]
    at = str(said.get("sha") or name.revision or "main")
    for file in [f for f in ("README.md", "dataset_infos.json") if f in present] + licenses:
        url = f"{names.endpoint(target)}/datasets/{name.id}/resolve/{at}/{file}"
        try:
            page = get.file(url, "huggingface")
        except NotReachable as error:
            target.told(f"{file} is in the dataset's list of files and could not be had: {error}")
            continue
        kind = {"README.md": "card", "dataset_infos.json": "infos"}.get(file, "license")
        if kind == "infos" and not readable(page, target):
            continue
        yield page.with_(level="dataset", context={"format": kind, "id": name.id, "files": licenses})


def readable(page: Page, target: Target) -> bool:
    """Say whether a dataset_infos.json can be read; if not, the user is told, and the rest is audited."""
    try:
        card.infos(page.read().decode("utf-8-sig"))
    except ValueError as error:
        target.told(
            f"{page.locator} could not be read ({' '.join(str(error).split())[:120]}): what it may say is not audited."
        )
        return False
    return True


def _data(target: Target, name: names.Name, get: Get, said: dict[str, Any]) -> Iterator[Page]:
    """Yield the data files' pages where columns were named; else say what there is to be asked for."""
    if not target.columns:
        columns = _columns(said.get("cardData"))
        hint = f"; its columns {', '.join(columns)} may speak of licences" if columns else ""
        target.told(
            f"{name.id}: its data files were not fetched{hint}: name a column (--column license_text=NAME), or audit a clone."
        )
        return
    from auditor.sources import table

    listing = info(get.file(f"{names.endpoint(target)}/api/datasets/{name.id}/parquet", "huggingface"))
    for config, splits in listing.items():
        for split, urls in splits.items() if isinstance(splits, dict) else ():
            for url in urls if isinstance(urls, list) else ():
                child = replace(target, name=url, path=None, columns=dict(target.columns))
                for page in table.fetch(child, get):
                    where = f"{config}/{split}/{str(url).rsplit('/', 1)[-1]}"
                    yield page.with_(context=page.context | {"place": where, "namespace": None})


def _columns(said: Any) -> list[str]:
    """Return the features that the card lists whose names speak of licences."""
    about = said.get("dataset_info") if isinstance(said, dict) else None
    found = []
    for config in about if isinstance(about, list) else [about]:
        for feature in (config.get("features") or ()) if isinstance(config, dict) else ():
            named = feature.get("name") if isinstance(feature, dict) else None
            if isinstance(named, str) and SPEAKS.search(named):
                found.append(named)
    return list(dict.fromkeys(found))


def claims(base: dict[str, Any], said: dict[str, Any], files: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what the API says: the card's metadata as it has them, the tags, and the gate."""
    meta = (
        {k: v for k, v in (said.get("cardData") or {}).items() if v is not None}
        if isinstance(said.get("cardData"), dict)
        else {}
    )
    base = base | place.of_whole(base["item_id"], title=card.title(meta), creator=said.get("author"))
    base |= place.of_whole(base["item_id"], was_derived_from=card.derived(meta) or _tagged(said, "source_datasets:"))
    found = [*card.tags(meta, files, base["item_id"]), *card.gate(meta)]
    if not any(c.get("place") == place.TAG for c in found):
        texts = place.together(_tagged(said, "license:"), "AND", card.VOCABULARY)
        found = [place.uploaded(place.TAG, license_text=t, vocabulary=card.VOCABULARY) for t in texts] + found
    if said.get("gated"):
        found.append(card.access(f"gated: {said['gated']}"))
    if said.get("disabled") is True:
        found.append(card.access("disabled: true"))
    yield from (base | one for one in found)
    if not found and base.get("was_derived_from"):
        yield base


def _tagged(said: dict[str, Any], prefix: str) -> list[str]:
    tags = card.tagged(said.get("tags"), prefix)
    return card.derived({"source_datasets": tags}) if prefix.startswith("source") else tags
