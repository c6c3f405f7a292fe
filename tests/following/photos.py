"""Made-up photos behind the replica's Flickr: licence now, licence history, gone, private, busy."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.replica.server import Asked, Reply

XML = {"Content-Type": "text/xml; charset=utf-8"}
HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'
INFO = (
    '<rsp stat="ok"><photo id="{id}" license="{now}" media="photo"><owner nsid="1@N01" username="ann" realname="Ann Made-Up"/>'
    '<title>Kettle {id}</title><urls><url type="photopage">https://www.flickr.com/photos/ann/{id}/</url></urls></photo></rsp>'
)
CHANGE = '<license_history date_change="{at}" old_license="{old}" old_license_url="" new_license="{new}" new_license_url=""/>'
FAILED = '<rsp stat="fail"><err code="{code}" msg="{said}" /></rsp>'
BY, BY_NC, RESERVED = "Attribution License", "Attribution-NonCommercial License", "All Rights Reserved"


@dataclass
class Photos:
    """Answers like Flickr's API; `busy` photos get 503 as long as they are in it."""

    now: dict[int, int]
    changes: dict[int, list[tuple[int, str, str]]] = field(default_factory=dict)
    private: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    delay: float = 0.0

    def __call__(self, asked: Asked) -> Reply:
        photo, method = int(asked.query["photo_id"]), asked.query["method"]
        if photo in self.busy:
            return Reply(503)
        return Reply(200, (HEAD + self.answer(photo, method)).encode(), XML, delay=self.delay)

    def answer(self, photo: int, method: str) -> str:
        if photo in self.private:
            return FAILED.format(code=2, said="Permission denied")
        if photo not in self.now:
            return FAILED.format(code=1, said="Photo not found")
        if method.endswith("getInfo"):
            return INFO.format(id=photo, now=self.now[photo])
        changes = (CHANGE.format(at=at, old=old, new=new) for at, old, new in self.changes.get(photo, []))
        return f'<rsp stat="ok">{"".join(changes)}</rsp>'


def static(photo: int) -> str:
    return f"http://farm4.static.flickr.com/3175/{photo}_7958dc8760.jpg"


def url_list(path: Path, urls: list[str]) -> Path:
    """Write an ImageNet-style list: id, tab, URL."""
    path.write_text("".join(f"n00004475_{i}\t{u}\n" for i, u in enumerate(urls)))
    return path


def coco(path: Path, licenses: dict[int, int]) -> Path:
    """Write a COCO file whose images stand at Flickr under the licences that COCO's table says."""
    table = [(1, "by-nc-sa"), (2, "by-nc"), (3, "by-nc-nd"), (4, "by"), (5, "by-sa"), (6, "by-nd")]
    whole = {
        "info": {"description": "made up", "url": "http://cocodataset.org", "version": "1.0", "year": 2017},
        "licenses": [
            {"id": i, "name": "License", "url": f"http://creativecommons.org/licenses/{n}/2.0/"} for i, n in table
        ],
        "images": [
            {
                "id": photo,
                "file_name": f"{photo:012}.jpg",
                "license": number,
                "width": 2,
                "height": 2,
                "coco_url": f"http://images.cocodataset.org/val2017/{photo:012}.jpg",
                "flickr_url": f"http://farm4.staticflickr.com/3175/{photo}_7958dc8760_z.jpg",
            }
            for photo, number in licenses.items()
        ],
        "annotations": [{"id": 1, "image_id": next(iter(licenses)), "caption": "a kettle"}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole))
    return path
