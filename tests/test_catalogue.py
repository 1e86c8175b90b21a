"""The English catalogue: whole, up to date, compiled; and what English pages then say."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import polib
import pytest
from django.conf import settings
from django.utils import translation

from merchants.opening_hours import ZONES, SpecialKind, SpecialPeriod, from_osm, with_special
from merchants.opening_hours.holiday import NAMES, holiday_name, holidays_between
from merchants.views import caching
from merchants.workflow.listing import Service
from tests.factories import NOW, make_category, make_commune, make_shop

CATALOGUE = settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
SOURCES = ["commerce_local", "merchants", "templates"]
PLACEHOLDER = re.compile(r"%%|%\((\w+)\)\d*([sd])|%([sd])|\{(\w*)\}")
TAG = re.compile(r"</?\w[^>]*>")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def sentences(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each French sentence of an entry beside its English one."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [
        (entry.msgid, entry.msgstr_plural[0]),
        (entry.msgid_plural, entry.msgstr_plural[1]),
    ]


def keys(catalogue) -> set[tuple[str, str, str]]:
    return {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in catalogue}


# The file -------------------------------------------------------------------------------------


def test_the_catalogue_holds_every_sentence_of_the_sources_and_no_other(
    tmp_path, catalogue, clean_environment
):
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext is not installed: the sources cannot be searched for sentences")
    copy = tmp_path / "copy"
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(settings.BASE_DIR / name, copy / name, ignore=ignored)
    shutil.copy(settings.BASE_DIR / "manage.py", copy)
    (copy / "locale").mkdir()
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--verbosity", "0"],
        cwd=copy,
        env=clean_environment | {"DEBUG": "1"},
        check=True,
        timeout=60,
    )
    found = keys(polib.pofile(str(copy / "locale" / "en" / "LC_MESSAGES" / "django.po")))
    missing, gone = found - keys(catalogue), keys(catalogue) - found
    assert (missing, gone) == (set(), set()), "run make messages, then translate"


def test_every_entry_is_translated(catalogue):
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert catalogue.obsolete_entries() == []


def test_translations_keep_placeholders_and_markup(catalogue):
    for entry in catalogue:
        for french, english in sentences(entry):
            if french == "hier":  # "yesterday", in the place of "1 day ago"
                continue
            assert _kept(french) == _kept(english), entry.msgid


def _kept(text: str) -> tuple[list, list]:
    return sorted(PLACEHOLDER.findall(text)), sorted(TAG.findall(text))


def test_translations_follow_english_typography(catalogue):
    for entry in catalogue:
        for french, english in sentences(entry):
            assert not re.search(
                "[«»\u00a0\u202f]|\\s[:;!?]|'(?!i$)|\"(?=\\s)", TAG.sub("", english)
            )
            assert french.endswith(".") == english.endswith("."), french


def test_what_is_compiled_is_the_catalogue(catalogue):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {(e.msgid, e.msgid_plural): (e.msgstr, e.msgstr_plural) for e in compiled} == {
        (e.msgid, e.msgid_plural): (e.msgstr, e.msgstr_plural) for e in catalogue
    }, "make messages"


def test_french_needs_no_catalogue(catalogue):
    """No library's French catalogue happens to say something else for a sentence of ours."""
    with translation.override("fr"):
        said = {entry.msgid: translation.gettext(entry.msgid) for entry in catalogue}
    assert {msgid: text for msgid, text in said.items() if msgid != text} == {}


def test_every_public_holiday_has_an_english_name():
    found = {
        name
        for zone in ZONES
        for day in holidays_between(date(2020, 1, 1), date(2040, 12, 31), zone)
        for name in holiday_name(day, zone).split("; ")
    }
    assert found == set(NAMES)


# The pages ------------------------------------------------------------------------------------

FRENCH = re.compile(
    r"\b(commerces|ouverts?|ouvre|fermés?|ferme|horaires|mairie|aujourd’hui|demain|hier|lundi"
    r"|mardi|mercredi|jeudi|vendredi|samedi|dimanche|livraison|emporter|adresse|accueil|carte"
    r"|données|congés|décembre|jusqu|le|la|les|des|du|une|et|ou|est|vous|votre|pour|par|avec)\b",
    re.IGNORECASE,
)
SAID = {"aria-label", "alt", "title", "placeholder"}
VOID = {"meta", "link", "img", "input", "br", "path", "use", "source", "hr"}


class Page(HTMLParser):
    """What a page says in the language of the page: its text and its spoken attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[tuple[str, bool]] = []  # of each element, whether it is left out
        self.said: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.said).split())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        outer = bool(self.open) and self.open[-1][1]
        aside = outer or tag in {"script", "style"} or values.get("lang") == "fr"
        if tag not in VOID:
            self.open.append((tag, aside))
        if not aside:
            self.said += [value for name, value in attrs if name in SAID and value]
            if values.get("name") == "description":
                self.said.append(values["content"])

    def handle_endtag(self, tag):
        while tag not in VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not (self.open and self.open[-1][1]):
            self.said.append(data)


@pytest.fixture
def town(db, monkeypatch) -> Iterator:
    """A town whose own words are all French, on a Monday at 10:30."""
    monkeypatch.setattr(caching.timezone, "now", lambda: NOW)
    town = make_commune(
        welcome_text="Bonnes courses dans les commerces de la ville",
        legal_notice="Éditeur : la mairie",
        town_hall_name="Mairie de Suresnes",
        town_hall_email="commerce@example.fr",
    )
    group = make_category(group="Alimentation").parent
    group.name_en = "Food shops"
    group.save()
    bakery = make_category("Pains", group=group, name_en="Bakery")
    hours = from_osm(
        "Mo-Fr 09:00-12:30,14:00-19:00",
        today=NOW.date(),
        timezone=town.timezone,
        holiday_zone=town.holiday_zone,
    )
    closure = SpecialPeriod(
        date(2026, 12, 24), date(2026, 12, 31), SpecialKind.CLOSED, (), "congés"
    )
    make_shop(
        "Chez Anne",
        commune=town,
        category=bakery,
        hours=with_special(hours, closure),
        services=[
            Service(kind="livraison", note="le matin", area="la ville", minimum_order=20, fee=2.5),
            Service(kind="retrait", delay="une heure", how_to_order="par téléphone"),
        ],
        street="rue Carnot",
        house_number="12",
        postcode="92150",
        phone="+33147510102",
        description="Du pain et des gâteaux",
        payment_means=("cards", "cash"),
        step_free="yes",
    )
    make_shop("Jean Répare", commune=town, category=bakery, hours=None, point=None,
              service_area="Suresnes et les alentours")  # fmt: skip
    make_commune("Garches", postcodes=["92380"], point=None)
    return town


def said(client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    html = response.content.decode()
    assert '<html lang="en"' in html
    return re.sub(r"https?://\S+", "", Page(html).text)


@pytest.mark.parametrize(
    "address",
    [
        "/en/",
        "/en/?q=zzz",
        "/en/suresnes/",
        "/en/suresnes/?q=zzz&service=livraison&ouvert=2026-11-29T10:00&tri=bof&page=9",
        "/en/suresnes/?pres=48.87,2.22&rayon=2&zone=2,48,3,49",
        "/en/suresnes/commerces/chez-anne/",
        "/en/suresnes/commerces/jean-repare/",
        "/en/autour/",
        "/en/autour/?pres=48.87,2.22",
        "/en/classement/",
        "/en/mentions-legales/",
        "/en/confidentialite/",
    ],
)
def test_an_english_page_says_nothing_in_french(client, town, address):
    assert FRENCH.findall(said(client, address)) == []


def test_a_missing_page_is_missing_in_english(client, town):
    assert "This page does not exist" in said(client, "/en/nulle-part/", status=404)


def test_the_english_list(client, town):
    text = said(client, "/en/suresnes/?ouvert=2026-11-29T10:00&ouvert=maintenant")
    assert "Shops in Suresnes" in text
    assert "1 shop open now 1 other without known hours" in text
    assert "Bakery Open Closes at 12:30 12 rue Carnot" in text
    assert "Delivery" in text and "Click & collect" in text
    assert "This evening (19:30)" in text
    assert "Never confirmed" in text
    text = said(client, "/en/suresnes/?ouvert=2026-11-29T10:30")
    assert "Without Open Sunday 29 November at 10:30" in text


def test_the_english_page_of_a_shop(client, town):
    text = said(client, "/en/suresnes/commerces/chez-anne/")
    assert "Open Closes at 12:30" in text
    assert "Monday today 09:00–12:30, 14:00–19:00" in text
    assert "Saturday Closed" in text
    assert "24 December to 31 December closed ( )" in text  # the reason is the merchant's, French
    assert "Minimum order €20 Charge €2.50" in text
    assert "Step-free entrance" in text
    assert "Bank card, cash" in text


def test_an_english_week_names_its_public_holiday(client, town, monkeypatch):
    christmas = datetime(2027, 12, 22, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
    monkeypatch.setattr(caching.timezone, "now", lambda: christmas)
    assert "Christmas Day" in said(client, "/en/suresnes/commerces/chez-anne/")
