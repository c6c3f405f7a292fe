"""What a statement is read as: one line a spelling, in the forms that the field uses."""

import pytest

from auditor.licensing import read

READ = [
    # SPDX: case does not matter, deprecated ids are replaced, nothing is repaired
    ("mit", "MIT", "free"),
    ("https:// http://creativecommons.org/licenses/by-sa/3.0/us/", "LicenseRef-CC-BY-SA-3.0-US", "free-sharealike"),
    ("GPL-2.0", "GPL-2.0-only", "free-sharealike"),
    ("GPL-2.0+", "GPL-2.0-or-later", "free-sharealike"),
    ("Apache-2.0 OR (MIT AND CC-BY-4.0)", "Apache-2.0 OR (CC-BY-4.0 AND MIT)", "free"),
    ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "free-sharealike"),
    ("Apache-2.0 OR Apache-9.0", "NOASSERTION", "unknown"),
    # Creative Commons: elements in any order, version, port
    ("CC BY-SA-NC 4.0", "CC-BY-NC-SA-4.0", "non-commercial"),
    ("CCBY4.0", "CC-BY-4.0", "free"),
    ("CC_BYNC_4_0", "CC-BY-NC-4.0", "non-commercial"),
    ("cc-by", "LicenseRef-CC-BY", "free"),
    ("by-nc-nd", "LicenseRef-CC-BY-NC-ND", "non-commercial"),
    ("CC BY 2.1 JP", "LicenseRef-CC-BY-2.1-JP", "free"),
    ("CC BY-SA 3.0 DE", "CC-BY-SA-3.0-DE", "free-sharealike"),
    ("Attribution-NoDerivs 2.5 UK: Scotland", "LicenseRef-CC-BY-ND-2.5-SCOTLAND", "no-derivatives"),
    ("Creative Commons — Attribution 4.0 International — CC BY 4.0", "CC-BY-4.0", "free"),
    ("Reconocimiento-NoComercial 2.1", "LicenseRef-CC-BY-NC-2.1-ES", "non-commercial"),
    ("署名-非商业性使用-相同方式共享 2.5中国大陆", "LicenseRef-CC-BY-NC-SA-2.5-CN", "non-commercial"),
    ("CC-BY-ND-SA 4.0", "NOASSERTION", "no-derivatives"),
    ("CC BY-SA 3.5", "NOASSERTION", "unknown"),
    ("CC BY 3.0 XX", "NOASSERTION", "unknown"),
    ("CC BY-SA 3.0, 2.5, 2.0 and 1.0", "CC-BY-SA-1.0 OR CC-BY-SA-2.0 OR CC-BY-SA-2.5 OR CC-BY-SA-3.0", "free-sharealike"),
    ("CC BY-SA 2.5 Generic, 2.0 Generic and 1.0 Generic", "CC-BY-SA-1.0 OR CC-BY-SA-2.0 OR CC-BY-SA-2.5", "free-sharealike"),
    ("cc-by-sa-2.5,2.0,1.0", "CC-BY-SA-1.0 OR CC-BY-SA-2.0 OR CC-BY-SA-2.5", "free-sharealike"),
    ("CC BY 4.0, 3.0 Germany", "CC-BY-3.0-DE OR CC-BY-4.0", "free"),
    ("CC BY 3.0 and 4.0", "CC-BY-3.0 AND CC-BY-4.0", "free"),
    ("GFDL, CC BY-SA 2.5, 2.0", "(CC-BY-SA-2.0 OR CC-BY-SA-2.5) AND GFDL-1.1-or-later", "free-sharealike"),
    ("GPL v2 or v3", "GPL-2.0-only OR GPL-3.0-only", "free-sharealike"),
    ("MPL 1.1/2.0", "MPL-1.1 OR MPL-2.0", "free-sharealike"),
    ("CC BY 4.0, 2.5 GB", "NOASSERTION", "unknown"),
    ("This is free and unencumbered software released into the public domain.", "Unlicense", "free"),
    ("Distributed with permission", "NOASSERTION", "proprietary"),
    ("a Creative Commons licence", "NOASSERTION", "unknown"),
    ("Creative Commons Attribution-Somethingelse 4.0", "NOASSERTION", "unknown"),
    ("Creative Commons Attribution and Share Alike 3.0", "CC-BY-SA-3.0", "free-sharealike"),
    ("Creative Commons Reconocimiento y CompartirIgual", "LicenseRef-CC-BY-SA", "free-sharealike"),
    ("Creative Commons Attribution and Equal Sharing", "NOASSERTION", "unknown"),
    ("Licença Aberta para Bases de Dados (ODbL) do Open Data Commons", "ODbL-1.0", "free-sharealike"),
    # URLs: any scheme, deed and legalcode; a language is not a jurisdiction; the host counts
    ("http://creativecommons.org/licenses/by/2.0/deed.fr", "CC-BY-2.0", "free"),
    ("//creativecommons.org/licenses/by/3.0/fr/legalcode", "LicenseRef-CC-BY-3.0-FR", "free"),
    ("https://i.creativecommons.org/l/by-nc/4.0/88x31.png", "CC-BY-NC-4.0", "non-commercial"),
    ("https://creativecommons.org/publicdomain/zero/1.0/deed.de?utm_source=x#y", "CC0-1.0", "free"),
    ("https://web.archive.org/web/2015/http://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0", "free-sharealike"),
    ("http://artlibre.org/licence/lal", "LicenseRef-LAL", "free-sharealike"),
    ("https://i2.wp.com/i.creativecommons.org/l/by-nc-nd/3.0/88x31.png?ssl=1", "CC-BY-NC-ND-3.0", "non-commercial"),
    ("https://creativecommons.org.evil.example/licenses/by/4.0/", "NOASSERTION", "unknown"),
    ("https://notcreativecommons.org/licenses/by/4.0/", "NOASSERTION", "unknown"),
    ("https://creativecommons.org/licenses/by/9.0/", "NOASSERTION", "unknown"),
    ("https://creativecommons.org@evil.example/licenses/by/4.0/", "NOASSERTION", "unknown"),
    ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0", "free-sharealike"),
    ("https://www.gnu.org/licenses/lgpl-2.1.en.html", "LGPL-2.1-only", "free-sharealike"),
    ("https://cdla.dev/permissive-2-0/", "CDLA-Permissive-2.0", "free"),
    # two small letters after a version are a port only where nothing goes on from them
    ("Reconeixement 4.0 de Creative Commons", "CC-BY-4.0", "free"),
    ("CC BY 3.0 at the website", "CC-BY-3.0", "free"),
    ("CC BY-SA 3.0 de und GFDL 1.2", "CC-BY-SA-3.0-DE AND GFDL-1.2-only", "free-sharealike"),
    ("CC BY-SA 3.0 DE Jane Roe", "CC-BY-SA-3.0-DE", "free-sharealike"),
    ("Nimeä-JaaSamoin 3.0", "NOASSERTION", "unknown"),
    ("Nimeä-JaaSamoin 3.0 (CC BY-SA 3.0)", "CC-BY-SA-3.0", "free-sharealike"),
    # names and versions
    ("The Apache License, Version 2.0 (the “License”)", "Apache-2.0", "free"),
    ("European Union Public Licence (EUPL v.1.1)", "EUPL-1.1", "free-sharealike"),
    ("GNU Lesser General Public License (LGPL), version 2 or later", "LGPL-2.0-or-later", "free-sharealike"),
    ("GPLv2 with classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0", "free-sharealike"),
    ("BSD three clause license", "BSD-3-Clause", "free"),
    ("Released under the GNU LGPL version 2 or later", "LGPL-2.0-or-later", "free-sharealike"),
    ("Project X - MIT License", "MIT", "free"),
    ("Eclipse Public License", "LicenseRef-EPL", "free-sharealike"),
    ("Public Domain", "LicenseRef-public-domain", "free"),
    ("No known copyright restrictions", "LicenseRef-No-Known-Copyright-Restrictions", "unknown"),
    ("Nonexistent General Public License", "NOASSERTION", "unknown"),
    ("OpenStreetMap contributors, ODbL", "ODbL-1.0", "free-sharealike"),
    ("License: Open Government Licence - Canada (OGL)", "OGL-Canada-2.0", "free"),
    # in other languages than English
    ("Este projeto está licenciado sob a Licença MIT - veja o arquivo LICENSE para detalhes.", "MIT", "free"),
    ("Questo progetto è rilasciato con licenza MIT – vedi il file `LICENSE` per i dettagli.", "MIT", "free"),
    ("Dieses Projekt steht unter der MIT-Lizenz. Siehe die Datei LICENSE für Details.", "MIT", "free"),
    ("Les données sont publiées sous licence CC BY 4.0. Le code est publié sous licence MIT.", "CC-BY-4.0 AND MIT", "free"),
    ("Die Texte stehen unter CC BY-SA 4.0, die Bilder unter CC BY-NC 4.0", "CC-BY-NC-4.0 AND CC-BY-SA-4.0", "non-commercial"),
    ("Los datos están bajo la licencia CC-BY, lo que permite su uso", "LicenseRef-CC-BY", "free"),
    ("sous licence CC BY 4.0, même à des fins commerciales", "CC-BY-4.0", "free"),
    ("NonCommercialAllowed-CommercialAllowed-ReferenceRequired", "LicenseRef-opendata-swiss-OPEN-BY", "free"),
    ("NonCommercialAllowed-CommercialWithPermission-ReferenceRequired", "LicenseRef-opendata-swiss-OPEN-BY-ASK", "non-commercial"),
    ("Распространяется на условиях лицензии GPL 3.", "GPL-3.0-only", "free-sharealike"),
    ("распространяется на условиях лицензии Apache (версия 2.0)", "Apache-2.0", "free"),
    ("本项目采用 MIT 许可证", "MIT", "free"),
    ("类 MIT 许可证", "NOASSERTION", "unknown"),
    ("MITライセンス", "MIT", "free"),
    ("[MIT 라이선스](./LICENSE)", "MIT", "free"),
    ("本作品采用[知识共享署名 4.0 国际许可协议](http://creativecommons.org/licenses/by/4.0/)进行许可，转载时请注明原文链接。", "CC-BY-4.0", "free"),
    ("이 저작물은 크리에이티브 커먼즈 저작자표시 4.0 국제 라이선스에 따라 이용할 수 있습니다.", "CC-BY-4.0", "free"),
    ("رخصة المشاع الإبداعي نَسب المُصنَّف 4.0 دولي", "CC-BY-4.0", "free"),
    ("政府資料開放授權條款-第1版", "OGDL-Taiwan-1.0", "free"),
    ("この画像はパブリックドメインです", "LicenseRef-public-domain", "free"),
    ("パブリックドメインではありません", "NOASSERTION", "unknown"),
    ("Les contenus de ce site, sauf mention contraire, sont placés sous licence CC BY 4.0.", "CC-BY-4.0", "free"),
    ("Les contenus de ce site, sauf les images, sont placés sous licence CC BY 4.0.", "NOASSERTION", "unknown"),
    ("Los datos se pueden usar sin restricciones, CC BY 4.0", "CC-BY-4.0", "free"),
    ("basado en datos de X, bajo licencia CC BY 4.0", "CC-BY-4.0", "free"),
    ("para fines comerciales y no comerciales", "NOASSERTION", "unknown"),
    # several, and their scopes
    ("MIT/Apache-2.0", "Apache-2.0 OR MIT", "free"),
    ("CC-BY-4.0 and MIT", "CC-BY-4.0 AND MIT", "free"),
    ("- Code license: MIT (`LICENSE`)\n- Data license: CC BY 4.0 (`DATA-LICENSE`)", "CC-BY-4.0 AND MIT", "free"),
    ("Dual-licensed under [MIT](LICENSE-MIT) or [Apache-2.0](LICENSE-APACHE), at your option.", "Apache-2.0 OR MIT", "free"),
    ("Your choice of MIT or Apache License 2.0", "Apache-2.0 OR MIT", "free"),
    ("Images from MIT and Harvard, CC BY 4.0", "CC-BY-4.0", "free"),
    ("Code: MIT; Data: CC BY-NC 4.0", "CC-BY-NC-4.0 AND MIT", "non-commercial"),
    # restrictions in plain words
    ("For academic research use only.", "LicenseRef-academic-only", "academic-only"),
    ("Data may not be used for commercial purposes.", "LicenseRef-non-commercial", "non-commercial"),
    ("Pour usage en recherche seulement", "LicenseRef-academic-only", "academic-only"),
    ("Solo per uso di ricerca", "LicenseRef-academic-only", "academic-only"),
    ("للاستخدام البحثي فقط", "LicenseRef-academic-only", "academic-only"),
    ("Zastrzeżone prawa autorskie", "LicenseRef-All-Rights-Reserved", "proprietary"),
    ("本项目仅供学习和研究使用。", "LicenseRef-academic-only", "academic-only"),
    ("Nutzung nur für private Zwecke", "LicenseRef-non-commercial", "non-commercial"),
    ("商用利用はご遠慮ください", "LicenseRef-non-commercial", "non-commercial"),
    ("Contenus protégés. Reproduction interdite.", "LicenseRef-permission-required", "proprietary"),
    ("This code may not be copied or sold without permission of the author.", "LicenseRef-no-redistribution", "proprietary"),
    ("not free for commercial use", "LicenseRef-non-commercial", "non-commercial"),
    ("License: MIT — free for commercial use", "MIT", "free"),
    ("CC BY 4.0 商用利用可", "CC-BY-4.0", "free"),
    ("CC BY 4.0 商用利用不可", "NOASSERTION", "non-commercial"),
    ("Uso no comercial", "LicenseRef-non-commercial", "non-commercial"),
    ("All rights reserved", "LicenseRef-All-Rights-Reserved", "proprietary"),
    ("Please contact the curators before using the data.", "NOASSERTION", "proprietary"),
    # what goes along with a licence without limiting it: who owns, who paid, how to cite, no endorsement
    ("© Jane Roe, some rights reserved (CC BY-NC)", "LicenseRef-CC-BY-NC", "non-commercial"),
    ("CC0. You may not state or imply endorsement by the Agency.", "CC0-1.0", "free"),
    ("CC BY 4.0. You may not imply endorsement, and you may not redistribute it.", "NOASSERTION", "proprietary"),
    ("CC BY 4.0. We request that you cite the project.", "CC-BY-4.0", "free"),
    ("CC BY 4.0; available on request", "NOASSERTION", "proprietary"),
    ("Content owned by the Agency on this website is licensed under CC BY 4.0.", "CC-BY-4.0", "free"),
    ("CC BY 4.0, with funding from the Advanced Research Projects Agency.", "CC-BY-4.0", "free"),
    ("CC BY 4.0, with funding from the Agency for research use only.", "NOASSERTION", "academic-only"),
    ("Access to the imagery is governed by CC0 1.0", "CC0-1.0", "free"),
    ("The Agency is the copyright owner of the data. Licensed for re-use under CC BY 4.0", "CC-BY-4.0", "free"),
    ("This dataset is released under CC0, as is the underlying comment text.", "CC0-1.0", "free"),
    ("Public Domain (not copyrighted)", "LicenseRef-public-domain", "free"),
    # what makes a named licence unread
    ("Modified MIT License", "NOASSERTION", "unknown"),
    ("GFML (GPL Friendly Media License)", "NOASSERTION", "unknown"),
    ("CC BY 4.0 - Modified", "NOASSERTION", "unknown"),
    ("similar to BSD 3-Clause", "NOASSERTION", "unknown"),
    ("not CC BY", "NOASSERTION", "unknown"),
    ("Previously CC BY 4.0, now proprietary", "NOASSERTION", "proprietary"),
    ("MIT License, non-commercial use only", "NOASSERTION", "non-commercial"),
    ("CC BY 4.0, for research use only", "NOASSERTION", "academic-only"),
    ("CC BY-NC 4.0 - commercial use allowed", "NOASSERTION", "non-commercial"),
    ("Creative Commons Attribution 3.0: https://creativecommons.org/licenses/by-nc/3.0/", "NOASSERTION", "non-commercial"),
    ("Public domain, all rights reserved", "NOASSERTION", "proprietary"),
    # everyday words are not licences
    ("used under fair use", "NOASSERTION", "unknown"),
    ("Works with Python 3.12; MIT License", "MIT", "free"),
    ("this is open government", "NOASSERTION", "unknown"),
    ("a ruby in the desert", "NOASSERTION", "unknown"),
    ("See website", "NOASSERTION", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "license_", "category"), READ, ids=[r[0][:40] for r in READ])
def test_a_statement_is_read_as(text: str, license_: str, category: str) -> None:
    got = read(text)
    assert (got.license, got.category) == (license_, category), got


@pytest.mark.parametrize("nothing", [None, "", "  \n\t"])
def test_nothing_said_is_none_not_noassertion(nothing: str | None) -> None:
    got = read(nothing)
    assert (got.license, got.category, got.rule) == ("NONE", "unknown", "nothing")


def test_text_and_url_that_refine_each_other_give_the_more_exact() -> None:
    assert read("CC BY", "https://creativecommons.org/licenses/by/3.0/de/").license == "CC-BY-3.0-DE"


def test_text_and_url_that_disagree_keep_both_restrictions() -> None:
    got = read("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nc/4.0/")
    assert got.license == "NOASSERTION"
    assert got.rule == "conflict:text-url"
    assert {"non-commercial", "no-derivatives"} <= set(got.restrictions)
    assert "CC-BY-ND-4.0" in (got.note or "") and "CC-BY-NC-4.0" in (got.note or "")


def test_the_version_beside_a_name_counts() -> None:
    assert read("by-sa", version="2.0", vocabulary="openverse").license == "CC-BY-SA-2.0"
    assert read("CC BY", version="3.0").license == "CC-BY-3.0"


def test_a_spelling_means_nothing_without_its_vocabulary() -> None:
    assert read("4", vocabulary="flickr").license == "CC-BY-2.0"
    assert read("11", vocabulary="flickr").license == "CC-BY-4.0"
    assert read("4").license == "NOASSERTION"
    assert read("copyright-authors", vocabulary="kaggle").category == "proprietary"


def test_scopes_are_kept_apart() -> None:
    got = read("The code is MIT, the data CC BY-NC 4.0")
    assert dict(got.parts) == {"code": "MIT", "data": "CC-BY-NC-4.0"}


def test_a_reading_says_what_it_rests_on_and_what_it_left_out() -> None:
    got = read(
        "Text is available under the Creative Commons Attribution-ShareAlike 4.0 License; additional terms may apply."
    )
    assert got.license == "CC-BY-SA-4.0"
    assert got.span == "Creative Commons Attribution-ShareAlike 4.0"
    assert "additional terms may apply" in (got.ignored or "")


@pytest.mark.parametrize(
    ("text", "url", "license_"),
    [
        (
            "Public Domain Dedication",
            "http://creativecommons.org/publicdomain/zero/1.0/",
            "CC0-1.0",
        ),  # iNaturalist 2019
        ("Public domain", "https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("Public domain", "https://creativecommons.org/licenses/by/4.0/", "NOASSERTION"),
        (
            "Public domain in the USA",
            "http://creativecommons.org/publicdomain/zero/1.0/",
            "NOASSERTION",
        ),  # Gutenberg's trap
        ("Not in the public domain", "http://creativecommons.org/publicdomain/zero/1.0/", "NOASSERTION"),
        ("No known copyright restrictions", "http://creativecommons.org/publicdomain/zero/1.0/", "NOASSERTION"),
    ],
)
def test_a_loose_word_on_the_public_domain_beside_what_its_url_says(text: str, url: str, license_: str) -> None:
    assert read(text, url).license == license_


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        ("GPL (>= 2)", "GPL-2.0-or-later"),
        ("Artistic-2.0 | GPL (>= 2)", "Artistic-2.0 OR GPL-2.0-or-later"),
        ("Apache License (== 2.0)", "Apache-2.0"),
        ("MIT, BSD", "LicenseRef-BSD AND MIT"),
        ("CC-BY-4.0, CC-BY-NC-4.0", "CC-BY-4.0 AND CC-BY-NC-4.0"),
        ("cc-by, nc, sa", "LicenseRef-CC-BY-NC-SA"),
        ("EPL (Eclipse Public License), V1.0 or later", "EPL-1.0+"),
        ("GPL-2.0 w/ Classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("The GNU Common Public License v.3.0", "NOASSERTION"),
        ("OGL 3.0", "OGL-UK-3.0"),
        ("open source", "NOASSERTION"),
    ],
)
def test_versions_in_brackets_and_bare_lists(text: str, license_: str) -> None:
    assert read(text).license == license_


@pytest.mark.parametrize(
    ("text", "url", "license_"),
    [
        ("Private", "https://creativecommons.org/publicdomain/zero/1.0/", "NOASSERTION"),
        ("Custom", "https://creativecommons.org/licenses/by/4.0/", "NOASSERTION"),
        ("MIT", "https://example.com/non-commercial-license", "NOASSERTION"),
        ("CC BY 4.0", "https://example.com/terms?use=research_only", "NOASSERTION"),
        ("MIT", "https://example.com/LICENSE", "MIT"),
        ("MIT", "https://noncommercial.example/LICENSE", "MIT"),
        ("Licence of this set", "https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("CC BY-NC 4.0", "https://example.com/non-commercial", "CC-BY-NC-4.0"),
    ],
)
def test_words_and_an_address_that_do_not_go_together(text: str, url: str, license_: str) -> None:
    assert read(text, url).license == license_


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        ("The paper is CC BY 4.0", "NOASSERTION"),
        ("The website is licensed under CC BY 4.0.", "NOASSERTION"),
        ("Code: MIT", "NOASSERTION"),
        ("The source code is released under the MIT license. Data: see website.", "NOASSERTION"),
        ("MIT License for the code", "NOASSERTION"),
        ("This code is MIT", "MIT"),
        ("This website is licensed under CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("Data and code are released under the MIT license", "MIT"),
        ("The images and annotations are CC BY 4.0", "CC-BY-4.0"),
        ("The code of this library is MIT", "MIT"),
        ("Code: MIT; Data: CC BY-NC 4.0", "CC-BY-NC-4.0 AND MIT"),
        ("The software is licensed under Apache 2.0", "Apache-2.0"),
    ],
)
def test_what_is_said_of_something_beside_the_items_is_not_said_of_them(text: str, license_: str) -> None:
    assert read(text).license == license_


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        ("Versions of this package are available under GPL, LGPL and BSD",
         "GPL-1.0-or-later AND LGPL-2.0-or-later AND LicenseRef-BSD"),
        ("GPL/LGPL/BSD", "GPL-1.0-or-later OR LGPL-2.0-or-later OR LicenseRef-BSD"),
        ("MIT License, simple as that", "MIT"),
        ("MIT License|OpenAI", "NOASSERTION"),
        ("MIT License|CC BY-NC 4.0", "CC-BY-NC-4.0 AND MIT"),
        ("GPL-2 | MIT", "GPL-2.0-only OR MIT"),
        ("CC BY 4.0 | https://example.com/paper", "CC-BY-4.0"),
        ("{license} # Example: apache-2.0 or any license from https://hf.co/docs/hub/repositories-licenses", "NOASSERTION"),
        ("The code in this repository is released under the MIT license", "NOASSERTION"),
        ("oml:CC_BY 4.0", "CC-BY-4.0"),
        ("oml:licence Public", "NOASSERTION"),
        ("OML", "OML"),
        ("CC BY 4.0 for subscribers", "NOASSERTION"),
        ("CC BY 4.0 from 2030 onwards", "NOASSERTION"),
        ("CC0 as of 1 January 2031", "NOASSERTION"),
        ("To be released under CC BY 4.0", "NOASSERTION"),
        ("CC BY 4.0, data from 2016", "CC-BY-4.0"),
        ("Licenza CC BY 4.0, per uso accademico", "NOASSERTION"),
        ("CC BY 4.0, uso personal", "NOASSERTION"),
        ("CC BY 4.0 für Forschungszwecke", "NOASSERTION"),
        ("CC BY 4.0, usage académique", "NOASSERTION"),
        ("CC BY 4.0. You do not need to ask for permission.", "CC-BY-4.0"),
        ("CC BY 4.0. May not be used without attribution", "CC-BY-4.0"),
        ("CC BY 4.0. May not be used without attribution and written permission", "NOASSERTION"),
    ],
)  # fmt: skip
def test_lists_dates_and_circles_of_users(text: str, license_: str) -> None:
    assert read(text).license == license_


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        ("Attribution and ShareAlike 4.0", "CC-BY-SA-4.0"),
        ("CC BY and SA 4.0", "CC-BY-SA-4.0"),
        ("for any purpose, commercial or non-commercial, and by any means", "NOASSERTION"),
    ],
)
def test_and_joins_elements_only_where_creative_commons_is_meant(text: str, license_: str) -> None:
    assert read(text).license == license_


@pytest.mark.parametrize("use", ["Research", "academic", "Education/Research", "Free for research", "(press)"])
def test_a_use_alone_is_not_passed_over_for_the_address_beside_it(use: str) -> None:
    found = read(use, "https://creativecommons.org/licenses/by/4.0/")
    assert (found.license, found.category) == ("NOASSERTION", "unknown")
