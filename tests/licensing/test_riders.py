"""A free licence named beside words that could restrict it: the answer is the restriction, or unread; never free."""

from pathlib import Path

import pytest

from auditor.licensing import read

NOT_FREE = """\
CC BY 4.0 (see restrictions in paper)
MIT for code, data not redistributable
Apache 2.0 but the data is proprietary
CC-BY for academics, contact us for commercial
free for academics (MIT)
CC BY 4.0 applies to text; images all rights reserved
License: CC BY 4.0. No commercial use without permission.
CC0 except for images
Mostly CC0
CC BY 4.0 for 2010-2015, later all rights reserved
CC BY 4.0?
We plan to release under MIT
CC BY 4.0 (pending)
previous versions CC0
Apache 2.0 + Commons Clause
CC BY-SA 3.0 (no derivatives)
documentation under the W3C Document License
Licensed Materials - Property of IBM
use it in accordance with the terms of the Adobe license agreement accompanying it
Delayed Open Source Attribution License 1.0 (DOSA-1.0)
Apache License (as modified) Version 2.0, January 2004
This license is derived from the MIT License, as amended to limit unethical use
distributed under the terms of a modified LGPL License. See the LICENSE for details of the LGPL License.
variously licensed under the Apache License 2.0 and the Dgraph Community License
files subject to the Elastic License, apart from those under the Apache License, Version 2.0
This source code is NO LONGER in the Public Domain
Portions of this module are based on public domain software and software copyright by others
one step away from public domain
We do not own any of the text. We license the actual packaging of these data under CC0
No explicit mention that this dataset also follows the CC BY 4.0 license of its source
The authors claim that the license of the dataset is Apache License 2.0
license is Apache License 2.0, while the license of the source dataset is various
Code for generating the data under MIT. The data generator itself licensed under OpenAI
The images are listed as CC BY 2.0, but verify the license for each image yourself
You may combine it with a work licensed under the Apache License
not in a form which would require these files themselves to be covered by the GPL
By forking this project you agree that commits be released under the MIT License
CC0 (or state-specific open data licenses)
The archive was initially made available through a CC-BY-SA 4.0
There appears to be no explicit license; the author says public domain
CC BY 3.0 no commercial use
CC BY 3.0 NO: commercial use
All rights reserved, but not for training AI models
CC-BY-4.0 Nicht kommerziell
CC BY 4.0 uso no comercial
CC BY 4.0 仅供学术研究
solo para uso académico, CC BY 4.0
CC BY 4.0, do not use for AI training
CC BY 4.0; access restricted
CC BY 4.0, members only
CC BY 4.0 but you must ask
CC BY 4.0, kaupallinen käyttö kielletty
CC BY 4.0, ei kaupalliseen käyttöön
CC BY 4.0, vain tutkimuskäyttöön
Licens: CC BY 4.0. Kommersiell användning är inte tillåten.
CC BY 4.0. Kommersiel brug er forbudt.
CC BY 4.0. Må ikke videredistribueres.
CC BY 4.0 – endast för forskning
CC BY 4.0, doar pentru cercetare
CC BY 4.0, nu pentru uz comercial
CC BY 4.0, utilizarea comercială este interzisă
CC BY 4.0, csak kutatási célra
CC BY 4.0, kereskedelmi felhasználás tilos
CC BY 4.0, només per a recerca
CC BY 4.0, ús comercial prohibit
CC BY 4.0, μόνο για έρευνα
CC BY 4.0, απαγορεύεται η εμπορική χρήση
CC BY 4.0, ticari kullanım yasaktır
CC BY 4.0, yalnızca araştırma amaçlı
CC BY 4.0, wyłącznie do badań
CC BY 4.0, chỉ dùng cho nghiên cứu
CC BY 4.0, không dùng cho mục đích thương mại
CC BY 4.0, hanya untuk penelitian
CC BY 4.0, tidak untuk komersial
CC BY 4.0 للأغراض غير التجارية فقط
CC BY 4.0 رק למחקר
CC BY 4.0 רק למחקר
CC BY 4.0, केवल अनुसंधान के लिए
CC BY 4.0, samo za istraživanje
CC BY 4.0, zabranjena komercijalna upotreba
CC BY 4.0, len na výskum
CC BY 4.0, само за изследвания
CC BY 4.0, alleen voor onderzoek
CC BY 4.0 เพื่อการวิจัยเท่านั้น
CC BY 4.0, tik moksliniams tyrimams
CC BY 4.0, ainult teadustööks
CC BY 4.0, soilik ikerketarako
CC BY 4.0, nie do użytku komercyjnego
CC BY 4.0, заборонено комерційне використання
CC BY 4.0 მხოლოდ კვლევისთვის
модифицированная лицензия MIT
Licença MIT, somente para uso acadêmico
MIT ライセンス、研究目的のみ
MIT 许可证，禁止商用
лицензия MIT, только для исследований
MIT-Lizenz, nur für Forschung
Lisensoitu MIT-lisenssillä, vain tutkimuskäyttöön
Licence MIT modifiée
licença MIT modificada
geänderte MIT-Lizenz
modifizierte MIT-Lizenz
abgewandelte MIT-Lizenz
licenza MIT modificata
licencia MIT modificada
zmodyfikowana licencja MIT
upravená licence MIT
muokattu MIT-lisenssi
aangepaste MIT-licentie
ändrad MIT-licens
修改的MIT许可证
MIT類似のライセンス
basado en la licencia MIT
basé sur la licence MIT
ähnlich der MIT-Lizenz
angelehnt an die MIT-Lizenz
similaire à la licence MIT
similar a la licencia MIT
simile alla licenza MIT
no es licencia MIT
pas sous licence MIT
nicht unter MIT-Lizenz
não está sob a licença MIT
non è sotto licenza MIT
niet onder MIT-licentie
anteriormente bajo licencia MIT
früher unter MIT-Lizenz
ehemals MIT-Lizenz
auparavant sous licence MIT
precedentemente sotto licenza MIT
parcialmente bajo licencia MIT
teilweise unter MIT-Lizenz
en partie sous licence MIT
parzialmente sotto licenza MIT
частично под лицензией MIT
不是 MIT 许可证
MITライセンスではありません
MIT 라이선스가 아닙니다
MIT 라이선스와 유사
部分的に MIT ライセンス
部分采用 MIT 许可证
以前は MIT ライセンス
MIT 许可证（已废弃）
Licença MIT com restrições
MIT-Lizenz mit Einschränkungen
Licence MIT avec restrictions
licencia MIT con restricciones
licenza MIT con limitazioni
лицензия MIT с ограничениями
Licencia CC BY 4.0 modificada
Creative Commons Attribution 4.0 modifiée
demnächst unter MIT-Lizenz
bientôt sous licence MIT
próximamente bajo licencia MIT
geplant: MIT-Lizenz
Images are licensed under GFML (GPL Friendly Media License)
not available under CC BY 4.0
CC BY 4.0 for non-profits
No longer CC BY 4.0
The licence is neither MIT nor CC BY
CC BY 4.0 license applies only to the annotations
Annotations CC BY 4.0, images: Flickr terms
some images are CC BY 4.0
Various licenses including CC BY 4.0
MIT License. The data may only be used for research.
CC BY 4.0 Personal use only
CC BY, NC
CC BY (NC)
CC BY noncom 4.0
CC-BY-4.0-NC
CC BY 4.0 NC
CC BY4.0 ND
cc by 4.0 nd nc
Attribution 4.0 International (Non-Commercial)
Public domain in the US only; copyrighted elsewhere
public domain for non-commercial use
Free for educational purposes under CC BY 4.0
Licensed CC BY 4.0 for academic institutions
CC BY 4.0, no scraping
CC BY 4.0 where you agree not to redistribute
The use of this data is limited to members. License: CC BY
CC BY-SA 4.0 until 2020
Code is MIT licensed, images are copyright their owners
This dataset is released under CC BY 4.0. However, the underlying images remain the property of their respective owners.
MIT license, do not use for evil
CC-BY 4.0 ただし商用利用不可
CC BY 4.0 sauf usage commercial
CC BY 4.0; you may not train AI models on it
noai CC BY 4.0
CC BY 4.0 - registration required
Licensed under CC BY 4.0 to members of the consortium
various (CC BY 4.0 and others)
CC BY 4.0 and other licenses
cc-by-4.0,other
['cc-by-4.0', 'other']
CC BY-SA 4.0 and not for redistribution
Metadata: CC0
CC0 1.0 applies to the metadata of this dataset
The annotations are licensed under CC BY 4.0
Public domain (in the EU)
public domain outside the US
CC0/CC BY-NC
MIT License (No Permissions)
This work also comes with the added permission that you may combine it with a work licensed under the Academic Free License
there is no requirement that your package itself is licensed under the GNU General Public License
files are licensed under the ISC license. All other files have a license and copyright notice at their start.
one step away from public domain, free for any use EXCEPT it cannot be sold
Please do not re-upload. CC BY 4.0
We license the actual packaging of these data under the Creative Commons CC0 license
CC BY 4.0, ausgenommen Bilder
CC BY 4.0, 仅限内部
Subject to CC BY 4.0 and the terms of use
CC BY 4.0 after embargo
available on request under CC BY 4.0
GPL-3.0 or commercial license
noncommercial CC BY 4.0
This is not open data. CC BY 4.0 is for the documentation only.
CC BY 4.0 [non-free]
images under CC BY-NC or similar; code under MIT
Public domain in the USA.
U.S. Public Domain
Not in copyright in the United Kingdom
The majority of the books are in the public domain
Not all of these images are CC0
That does not imply that all icons are also CC0
Creative Commons or Public Domain (CC0), varying by image.
CC BY 4.0. The photos have their own licenses.
The annotations are CC BY 4.0; use is subject to the provider's terms
CC BY 4.0, see the data use agreement
You agree not to further copy, publish or distribute any portion
GPL-2+ or AFL-2.1, and Expat and Unheard-Of
MIT and Unheard-Of
GPL-2+ with Unheard-Of exception
""".splitlines()
STILL_FREE = [
    ("CC BY 4.0 unless otherwise noted", "CC-BY-4.0"),
    ("CC BY 4.0, which permits unrestricted use, distribution and reproduction in any medium", "CC-BY-4.0"),
    ("CC BY 4.0: copy, distribute and adapt, even commercially", "CC-BY-4.0"),
    ("MIT License. Copyright (c) 2015 Example Authors. All rights reserved.", "MIT"),
    ("Academic Free License v3.0", "AFL-3.0"),
    ("Educational Community License 2.0", "ECL-2.0"),
    ("Non-Profit Open Software License 3.0", "NPOSL-3.0"),
    ("© OpenStreetMap contributors, ODbL", "ODbL-1.0"),
    (
        "CC BY 4.0. You must give appropriate credit, provide a link to the license, and indicate if changes were made.",
        "CC-BY-4.0",
    ),
    ("The dataset is freely available for academic and commercial use under CC BY 4.0.", "CC-BY-4.0"),
    ("made available under the CC BY 4.0 license and requires attribution", "CC-BY-4.0"),
    (
        "distributed under the terms and conditions of the Creative Commons Attribution (CC BY) license",
        "LicenseRef-CC-BY",
    ),
    (
        "All Stack Overflow user contributions are licensed under CC-BY-SA 3.0 with attribution required.",
        "CC-BY-SA-3.0",
    ),
    ("Authors retain copyright and grant use under CC BY 4.0.", "CC-BY-4.0"),
    ("Contains public sector information licensed under the Open Government Licence v3.0.", "OGL-UK-3.0"),
    ("Die Daten stehen unter der Lizenz CC BY 4.0.", "CC-BY-4.0"),
    ("Dane są dostępne na licencji CC BY 4.0.", "CC-BY-4.0"),
    ("このデータは CC BY 4.0 ライセンスの下で提供されています。", "CC-BY-4.0"),
]


@pytest.mark.parametrize("text", NOT_FREE)
def test_words_that_restrict_are_never_overheard(text: str) -> None:
    got = read(text)
    assert got.category not in ("free", "free-sharealike"), got


@pytest.mark.parametrize(("text", "license_"), STILL_FREE)
def test_words_that_restrict_nothing_do_not_disturb(text: str, license_: str) -> None:
    assert read(text).license == license_


@pytest.mark.parametrize("vocabulary", [None, "huggingface", "debian"])
@pytest.mark.parametrize("free", ["cc-by-4.0", "odc-by", "mit", "MIT", "CC0", "Creative Commons Attribution 4.0"])
@pytest.mark.parametrize(
    "other", ["other", "something odd", "unknown", "OTHER", "SOME OTHER TERMS", "cc-by-nc-4.0", "research only"]
)
def test_a_further_part_of_a_sum_never_makes_it_freer(free: str, other: str, vocabulary: str | None) -> None:
    for text in (f"{free} AND {other}", f"{other} AND {free}"):
        got = read(text, vocabulary=vocabulary)
        assert got.category not in ("free", "free-sharealike"), (text, got)


HERE = Path(__file__).parent
HOSTILE = [s.replace("\\n", "\n") for s in (HERE / "hostile.txt").read_text(encoding="utf-8").splitlines()]
HARMLESS = (HERE / "harmless.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_free_licence_is_not_read_out_of_a_statement_that_limits_denies_or_only_quotes_it(text: str) -> None:
    assert read(text).category not in ("free", "free-sharealike")


@pytest.mark.parametrize("text", HARMLESS)
def test_words_that_only_go_along_with_a_free_licence_leave_it_free(text: str) -> None:
    assert read(text).category in ("free", "free-sharealike")


RIDERS = (HERE / "riders.txt").read_text(encoding="utf-8").splitlines()
FREE = (
    "CC BY 4.0",
    "MIT",
    "CC0",
    "ODbL",
    "https://creativecommons.org/licenses/by/4.0/",
    "public domain",
    "Apache License 2.0",
    "Creative Commons Attribution-ShareAlike 4.0 International License",
)
PLACES = (
    "{L}. {R}.",
    "{R}. {L}.",
    "{L} ({R})",
    "{L}; {R}",
    "{R}: {L}",
    "{L} - {R}",
    "The dataset is released under {L}, {R}",
    "{L}\n{R}",
)


@pytest.mark.parametrize("rider", RIDERS)
def test_no_rider_of_the_list_is_overheard_beside_any_free_licence_wherever_it_stands(rider: str) -> None:
    said = [place.format(L=license_, R=rider) for license_ in FREE for place in PLACES]
    assert [s for s in said if read(s).category in ("free", "free-sharealike")] == []
