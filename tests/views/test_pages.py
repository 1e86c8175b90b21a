"""What the public templates promise: complete HTML, no foreign host, no cookie, good French."""

import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from merchants.models import Photo
from merchants.models.shop import Confirmer
from merchants.opening_hours import SpecialKind, SpecialPeriod, from_osm, with_special
from merchants.views import caching
from merchants.workflow.listing import Service
from merchants.workflow.status import confirm
from tests.factories import NOW, SURESNES, make_commune, make_shop

pytestmark = pytest.mark.django_db

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PLAIN_PAGES = [
    "/classement/",
    "/conditions/",
    "/mentions-legales/",
    "/confidentialite/",
    "/accessibilite/",
]
PAGES = [
    "/",
    "/?q=92",
    "/?q=zzz",
    "/suresnes/",
    "/suresnes/?q=absent&service=livraison&categorie=nulle&ouvert=maintenant&tri=nom",
    "/suresnes/?pres=48.87,2.22&rayon=2&zone=2,48,3,49",
    "/suresnes/commerces/le-fournil/",
    "/autour/",
    "/autour/?pres=48.87,2.22",
    "/autour/?pres=nulle-part",
    *PLAIN_PAGES,
]
DATA_BLOCKS = {"application/json", "application/ld+json"}


class Page(HTMLParser):
    """The elements of a page, as (tag, attributes), and the text inside <script> and <style>."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.inline: list[tuple[dict, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        tag, attributes = self.elements[-1] if self.elements else ("", {})
        if tag in {"script", "style"} and data.strip():
            self.inline.append((attributes, data))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def town():
    """A commune dressed up by its town hall, and a shop that has everything."""
    town = make_commune(
        accent_color="#8c1d40",
        logo="logos/suresnes.png",
        welcome_text="Bonnes courses !",
        town_hall_email="commerce@example.fr",
        legal_notice="Ville de Suresnes",
    )
    make_commune("Garches", postcodes=["92380"], point=None)
    hours = from_osm(
        "Mo-Fr 09:00-12:30,14:00-19:00",
        today=NOW.date(),
        timezone=town.timezone,
        holiday_zone=town.holiday_zone,
    )
    christmas = SpecialPeriod(
        NOW.date().replace(month=12, day=24),
        NOW.date().replace(month=12, day=31),
        SpecialKind.CLOSED,
        (),
        "congés",
    )
    shop = make_shop(
        "Le Fournil",
        commune=town,
        hours=with_special(hours, christmas),
        services=[
            Service(kind="livraison", area="Suresnes", minimum_order=20, fee=2.5, delay="1 h"),
            "emporter",
        ],
        phone="+33147510102",
        email="fournil@example.fr",
        website="https://www.example.fr/fournil/",
        shop_url="https://boutique.example.fr/",
        social_links=("https://social.example/fournil",),
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
        description="Du pain </script><script>alert(1)</script>",
        payment_means=("cards", "cash"),
        step_free="yes",
    )
    for position in range(2):
        Photo.objects.create(
            shop=shop,
            stem=f"photos/{position}",
            widths=[320, 640],
            width=640,
            height=480,
            alt="La vitrine",
            position=position,
        )
    make_shop("Le Réparateur", commune=town, hours=None, point=None, service_area="Suresnes")
    return town


def page(client, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status, address
    assert not response.cookies
    return Page(response.content.decode())


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_stands_in_both_languages(client, town, address, language):
    shown = page(client, address if language == "fr" else f"/en{address}")

    assert shown.all("html")[0]["lang"] == language
    assert len(shown.all("h1")) == 1
    assert len(shown.all("main")) == 1
    assert shown.all("title")
    other = [link for link in shown.all("a") if link.get("hreflang")]
    assert [link["hreflang"] for link in other] == ["en" if language == "fr" else "fr"]


@pytest.mark.parametrize("address", [*PAGES, "/suresnes/commerces/le-fournil/carte/"])
def test_pages_hold_no_inline_style_nor_script(client, town, address):
    shown = page(client, address)

    assert not [attributes for _tag, attributes in shown.elements if "style" in attributes]
    assert not shown.all("style")
    for _tag, attributes in shown.elements:
        assert not [name for name in attributes if name.startswith("on")]
    assert {attributes.get("type") for attributes, _text in shown.inline} <= DATA_BLOCKS


@pytest.mark.parametrize("address", PAGES)
def test_pages_load_nothing_from_elsewhere(client, town, address):
    shown = page(client, address)

    loaded = [attributes.get("src") for _tag, attributes in shown.elements]
    loaded += [link["href"] for link in shown.all("link") if link["rel"] not in {"canonical"}]
    loaded += [use["href"] for use in shown.all("use")]
    hosts = {urlsplit(address).netloc for address in loaded if address}
    assert hosts <= {"", "testserver"}


@pytest.mark.parametrize("address", PAGES)
def test_links_and_labels_lead_somewhere(client, town, address):
    shown = page(client, address)

    ids = [attributes["id"] for _tag, attributes in shown.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    named = [link["href"][1:] for link in shown.all("a") if link.get("href", "").startswith("#")]
    named += [label["for"] for label in shown.all("label") if "for" in label]
    named += [box["aria-labelledby"] for _tag, box in shown.elements if "aria-labelledby" in box]
    assert set(named) <= set(ids)
    live = [box["data-live"] for _tag, box in shown.elements if "data-live" in box]
    assert len(live) == len(set(live))
    assert all("alt" in image for image in shown.all("img"))


def test_skip_links_come_first_and_pass_the_map(client, town):
    links = [link["href"] for link in page(client, "/suresnes/").all("a")]

    assert links[0] == "#liste"
    assert "#pied" in links


def test_form_asks_without_a_script(client, town):
    shown = page(client, "/suresnes/?service=livraison&pres=48.87,2.22")

    form = next(form for form in shown.all("form") if form.get("id") == "filters")
    assert (form["method"], form["action"]) == ("get", "/suresnes/")
    fields = shown.all("input") + shown.all("select")
    assert {"q", "ouvert", "service", "categorie", "pres", "rayon", "tri"} == {
        field["name"] for field in fields
    }
    moments = [field["type"] for field in shown.all("input") if field["name"] == "ouvert"]
    assert moments[-1] == "datetime-local"
    assert "checked" in next(field for field in fields if field.get("value") == "livraison")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", "Ouvert"),
        ("2026-11-22", "Fermé"),
        ("2026-11-11", "Ouvert"),  # a holiday, on which the other shop's hours are unknown too
        ("2026-12-25", "Fermé pour congés jusqu’au 31 décembre"),
    ],
)
def test_state_is_told_by_a_word(client, town, monkeypatch, day, said):
    now = datetime.fromisoformat(f"{day} 10:30").replace(tzinfo=NOW.tzinfo)
    monkeypatch.setattr(caching.timezone, "now", lambda: now)
    html = client.get("/suresnes/").content.decode()

    words = re.findall(r'class="state-label">([^<]*)<', html)
    assert sorted(words) == sorted([said, "Horaires non communiqués"])


@pytest.mark.parametrize(
    ("name", "french"),
    [
        ("Suresnes", "Les commerces de Suresnes"),
        ("Asnières-sur-Seine", "Les commerces d’Asnières-sur-Seine"),
        ("Le Mans", "Les commerces du Mans"),
    ],
)
def test_a_commune_is_named_as_one_says_it(client, name, french):
    shop = make_shop("Le Fournil", commune=make_commune(name))
    for prefix, title in (("", french), ("/en", f"Shops in {name}")):
        path = f"{prefix}/{shop.commune.slug}/"
        html = client.get(path).content.decode()
        assert f"<title>{title} – " in html
        assert f"<h1>{title}</h1>" in html
        assert re.search(rf'<meta name="description" content="{title}\s?:', html)
        assert f">{title}</a></li>" in client.get(f"{path}commerces/le-fournil/").content.decode()


@pytest.mark.parametrize(
    ("radius", "label"), [("0.5", "500\u00a0m"), ("2", "2\u00a0km"), ("2.5", "2,5\u00a0km")]
)
def test_a_distance_is_told_alike_in_its_list_and_its_filter(client, town, radius, label):
    html = client.get(f"/suresnes/?pres=48.87,2.22&rayon={radius}").content.decode()

    assert f'<option value="{radius}" selected>{label}</option>' in html
    assert f"À moins de {label} de vous" in html


@pytest.mark.parametrize(
    ("source", "attribution", "stays"),
    [
        ("csv:demo", "D’après un fichier de la mairie.", False),
        ("osm", "© les contributeurs d’OpenStreetMap, sous licence ODbL 1.0.", True),
    ],
)
def test_a_file_is_named_until_the_listing_is_confirmed(client, source, attribution, stays):
    shop = make_shop("Le Fournil", source=source, source_id="1")
    address = "/suresnes/commerces/le-fournil/"
    assert attribution in client.get(address).content.decode()
    assert "demo" not in attribution

    confirm(shop, by=None, as_=Confirmer.TOWN_HALL, now=NOW)
    html = client.get(address).content.decode()
    assert "Confirmé le 23 novembre 2026 par la mairie" in html
    assert (attribution in html) is stays


def test_the_hours_of_a_first_of_november(client, town, monkeypatch):
    now = datetime(2026, 10, 28, 10, 30, tzinfo=NOW.tzinfo)
    monkeypatch.setattr(caching.timezone, "now", lambda: now)
    page_of_shop = client.get("/suresnes/commerces/le-fournil/").content.decode()
    found = client.get("/suresnes/?ouvert=2026-11-01T10:30").content.decode()

    assert '<span class="muted">1er novembre</span>' in page_of_shop
    assert "Ouvert dimanche 1er novembre à 10\u00a0h\u00a030" in found


def test_shop_page_tells_everything(client, town):
    html = client.get("/suresnes/commerces/le-fournil/").content.decode()

    for words in [
        'href="tel:+33147510102"',
        "01\xa047\xa051\xa001\xa002",
        "directions?to=48.871%2C2.229",
        "12 rue de la Paix",
        "20\xa0€",
        "2,50\xa0€",
        "Entrée de plain-pied",
        "Carte bancaire, espèces",
        "/suresnes/commerces/le-fournil/signaler/",
    ]:
        assert words in html


def test_structured_data_cannot_end_its_script(client, town):
    html = client.get("/suresnes/commerces/le-fournil/").content.decode()

    assert "alert(1)" in html
    assert "<script>alert" not in html


def test_legal_page_says_whom_to_write_to(client, town):
    html = client.get("/mentions-legales/").content.decode()

    assert "Ville de Suresnes" in html
    assert "contact@example.fr" in html


def test_missing_page_offers_a_search(client, town):
    shown = page(client, "/suresnes/commerces/parti/", status=404)

    assert [field["name"] for field in shown.all("input")] == ["q"]


def test_neighbours_far_away_are_not_offered(client, town):
    make_shop("Loin", commune=make_commune("Marseille", point=SURESNES._replace(latitude=43.3)))
    html = client.get("/suresnes/?q=absent").content.decode()

    assert "Sans <strong>" in html
    assert "Marseille" not in html


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_french_typography(template: Path):
    text = re.sub(
        r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}|{#.*?#}", "", template.read_text(), flags=re.S
    )
    sentences = re.findall(r'{%\s*translate\s+"([^"]*)"', text)
    sentences += re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", text, re.S)
    if template.name == "500.html":
        sentences += re.findall(r">([^<{]*)<", text)

    for sentence in sentences:
        french = re.sub(r"<[^>]*>|{{.*?}}", "", sentence)
        assert "'" not in french, sentence
        assert "..." not in french, sentence
        assert not re.search(r" [;:?!»]|« ", french), f"an ordinary space in: {sentence}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_sentence_can_be_translated(template: Path):
    if template.name == "500.html":  # stands when nothing else does, translations included
        return
    text = re.sub(r"{#.*?#}", "", template.read_text())
    text = re.sub(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}", "", text, flags=re.S)
    text = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", text, flags=re.S)
    text = re.sub(r"{% block body_class %}.*?{% endblock %}", "", text)
    text = re.sub(r"<code>.*?</code>", "", text, flags=re.S)  # A command is no sentence.
    shown = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", text, flags=re.S)
    words = set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", shown))

    names = {"CSV", "GeoJSON", "NAF", "SIRENE", "SIRET", "defenseurdesdroits"}
    assert words <= {"English", "Français", "fr"} | names


def test_a_browser_finds_the_icon_beside_a_file(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.cookies) == (302, {})
    assert answer.headers["Location"] == "/static/favicon.svg"
