import json
import os
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.origins import canonical, canonical_array

FORMS = {
    "flickr:photo:2737866473": [
        "http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg",
        "https://farm4.staticflickr.com/3175/2737866473_7958dc8760_z.jpg",
        "http://static.flickr.com/3175/2737866473_7958dc8760.jpg",
        "https://live.staticflickr.com/3175/2737866473_7958dc8760_3k.jpg",
        "https://live.staticflickr.com/3175/2737866473_5e4d8c7b6a_o_d.png",
        "https://c8.staticflickr.com/4/3175/2737866473_7958dc8760_z.jpg?zz=1",
        "http://photos12.flickr.com/2737866473_7958dc8760_b.jpg",
        "http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg?v=0",
        "http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg%3Fv%3D0",
        "//farm4.staticflickr.com/3175/2737866473_7958dc8760.JPG",
        "  HTTP://FARM4.Static.Flickr.com/3175/2737866473_7958dc8760.jpg\r\n",
        "https://live.staticflickr.com/video/2737866473/346a41e5a9/1080p.mp4",
        "http://www.flickr.com/videos/24662369@N07/2737866473/play/orig/acafca9298",
        "https://www.flickr.com/photos/coast_guard/2737866473",
        "flickr.com/photos/coast_guard/2737866473/",
        "http://www.flickr.com/photos/11588490@N02/2737866473/in/photolist-RZufqg-ebEcP7",
        "https://www.flickr.com/photos/11588490@n02/2737866473/sizes/l#x",
        "https://www.flickr.com/photos/joyoflife//2737866473",
        "http://flickr.com/photo/17277074@N00/2737866473",
        "https://www.flickr.com/photo_zoom.gne?id=2737866473&size=m",
        "https://www.flickr.com/photo_exif.gne?context=a&id=2737866473",
        "https://flic.kr/p/5aWhjn",
        "https://www.flickr.com/photo.gne?short=5aWhjn",
    ],
    "commons:file:Made_up_beetle_(side).jpg": [
        "http://upload.wikimedia.org/wikipedia/commons/2/2a/Made_up_beetle_%28side%29.jpg",
        "https://upload.wikimedia.org/wikipedia/commons/thumb/2/2a/Made_up_beetle_(side).jpg/180px-Made_up_beetle_(side).jpg",
        "https://upload.wikimedia.org/wikipedia/commons/archive/2/2a/20080131010203%21Made_up_beetle_(side).jpg",
        "https://commons.wikimedia.org/wiki/File:Made_up_beetle_(side).jpg",
        "https://commons.m.wikimedia.org/wiki/File:made_up_beetle_(side).jpg?uselang=de",
        "http://commons.wikimedia.org/wiki/Image:Made%20up%20beetle%20(side).jpg",
        "https://commons.wikimedia.org/wiki/Special:FilePath/Made_up_beetle_(side).jpg?width=300",
        "https://commons.wikimedia.org/w/index.php?title=File:Made_up_beetle_(side).jpg&oldid=1",
    ],
    "wikipedia:en:file:Logo.png": [
        "https://upload.wikimedia.org/wikipedia/en/a/a9/Logo.png",
        "https://en.wikipedia.org/wiki/File:Logo.png",
    ],
    "simple-icons:icon:simpleicons": [
        "https://cdn.simpleicons.org/simpleicons",
        "https://cdn.simpleicons.org/simpleicons/000/fff",
        "https://cdn.simpleicons.org/simpleicons?viewbox=auto",
        "https://cdn.jsdelivr.net/npm/simple-icons@v16/icons/simpleicons.svg",
        "https://unpkg.com/simple-icons@v16/icons/simpleicons.svg",
    ],
    "inaturalist:photo:13264181": [
        "https://inaturalist-open-data.s3.amazonaws.com/photos/13264181/medium.jpg",
        "https://static.inaturalist.org/photos/13264181/square.jpeg?1545371112",
        "https://www.inaturalist.org/photos/13264181",
    ],
    "inaturalist:observation:16227955": ["https://www.inaturalist.org/observations/16227955"],
    "freesound:sound:100032": [
        "http://www.freesound.org/people/Bobby%20Beck/sounds/100032/",
        "https://freesound.org/people/soundscalpel.com/sounds/100032",
        "https://freesound.org/s/100032/",
        "https://freesound.org/apiv2/sounds/100032/download/",
        "https://freesound.org/data/previews/100/100032_6142149-hq.mp3",
        "https://cdn.freesound.org/previews/100/100032_6142149-lq.ogg",
    ],
    "internet-archive:item:CMAHandbook1969": [
        "https://archive.org/details/CMAHandbook1969/page/n194",
        "http://www.archive.org/download/CMAHandbook1969/scan.pdf",
        "https://archive.org/stream/CMAHandbook1969#page/5",
    ],
    "gbif:occurrence:2542952": [
        "https://www.gbif.org/occurrence/2542952",
        "https://api.gbif.org/v1/occurrence/2542952/verbatim",
    ],
    "openverse:image:0aff3595-8168-440b-83ff-7a80b65dea42": [
        "https://openverse.org/image/0aff3595-8168-440b-83ff-7a80b65dea42?q=kettle",
        "https://api.openverse.org/v1/images/0aff3595-8168-440b-83ff-7a80b65dea42/thumb/",
    ],
    "openverse:audio:0aff3595-8168-440b-83ff-7a80b65dea42": [
        "https://openverse.org/audio/0aff3595-8168-440b-83ff-7a80b65dea42",
        "https://api.openverse.org/v1/audio/0aff3595-8168-440b-83ff-7a80b65dea42/",
    ],
}

NOTHING = [
    "",
    "not a URL",
    "https://example.com/http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg",
    "https://web.archive.org/web/2010/http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg",
    "http://farm4.static.flickr.com.example.com/3175/2737866473_7958dc8760.jpg",
    "http://notflickr.com/photos/a/2737866473",
    "https://example.com/?u=flickr.com/photos/a/2737866473",
    "https://www.flickr.com/photos/tags/2008",
    "https://www.flickr.com/photos/britishlibrary/albums/72157644007437024",
    "https://www.flickr.com/photos/britishlibrary/page3",
    "https://www.flickr.com/groups/51035612836@N01/discuss/72157616713786392/",
    "https://www.flickr.com/photos/circled/①②③",
    "https://www.flickr.com/people/12345",
    "https://flic.kr/s/aHsjybZ5ZD",
    "https://flic.kr/p/0OIl",
    "https://flic.kr/p/Il",
    "https://upload.wikimedia.org/wikipedia/commons/timeline/abc.png",
    "https://commons.wikimedia.org/wiki/Commons:Licensing",
    "https://static.inaturalist.org/attachments/users/icons/33/thumb.jpg",
    "https://www.inaturalist.org/observations/export",
    "https://freesound.org/people/123/",
    "https://archive.org/search?query=details/x",
    "https://www.gbif.org/occurrence/search?taxon_key=1",
    "https://openverse.org/image/?q=kettle",
]


@pytest.mark.parametrize(("name", "url"), [(n, u) for n, urls in FORMS.items() for u in urls])
def test_every_form_of_a_url_has_the_one_name(name, url):
    assert canonical(url) == name


@pytest.mark.parametrize("url", [*NOTHING, None])
def test_what_is_not_certainly_one_thing_has_no_name(url):
    assert canonical(url) is None


def test_in_bulk_as_one_by_one():
    urls = [*(u for us in FORMS.values() for u in us), None, *NOTHING] * 3
    plain = pa.array(urls)
    assert canonical_array(plain).to_pylist() == [canonical(u) for u in urls]
    assert canonical_array(plain.dictionary_encode()).to_pylist() == [canonical(u) for u in urls]
    assert canonical_array(plain.slice(5, 20)).to_pylist() == [canonical(u) for u in urls[5:25]]
    assert canonical_array(pa.array([], pa.string())).to_pylist() == []
    assert canonical_array(pa.array([None, "x"])).to_pylist() == [None, None]


PIECES = st.sampled_from(
    [
        *("/", ":", "?", "#", "&", "=", "_", ".", "%", "1", "2", "a", "A", "\n", "\x00", "é", "http:", "//", "%3F"),
        *("flickr.com", "photos", "static.", "farm1.", "12_abcdef12", ".jpg", "id=", "_o", "live.staticflickr.com"),
        *("flic.kr/p/", "freesound.org", "/s/9", "archive.org", "/details/", "upload.wikimedia.org", "a/ab/"),
    ]
)


@given(st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=8))
def test_in_bulk_as_one_by_one_whatever_the_text(urls):
    assert canonical_array(pa.array(urls, pa.string())).to_pylist() == [canonical(u) for u in urls]


REAL = os.environ.get("AUDITOR_REAL_DATA")
real = pytest.mark.skipif(not REAL, reason="AUDITOR_REAL_DATA is not set: the real files are not here")


@real
def test_every_flickr_photo_of_a_real_imagenet_list_is_named():
    lines = (Path(REAL) / "imagenet/fall11_subset/imagenet_urls.txt").read_bytes().decode("latin-1").splitlines()
    flickr = [line.split("\t")[1] for line in lines if re.search(r"static\.?flickr\.com/\d+/\d+_", line)]
    names = canonical_array(pa.array(flickr)).to_pylist()
    assert len(flickr) > 500
    assert names == ["flickr:photo:" + re.search(r"/(\d+)_[0-9a-f]+", url)[1] for url in flickr]


@real
def test_every_real_coco_image_has_the_flickr_photo_of_its_url():
    images = json.loads((Path(REAL) / "coco/COCO-MINI/instances_val2017.json").read_text())["images"]
    urls = [i["flickr_url"] for i in images]
    names = canonical_array(pa.array(urls)).to_pylist()
    assert names == ["flickr:photo:" + u.split("/")[-1].split("_")[0] for u in urls]
