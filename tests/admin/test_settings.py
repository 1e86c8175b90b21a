"""A commune's settings: its referents write them, and residents see the difference."""

from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from PIL import Image

from merchants.forms.activity import ActivityForm
from merchants.forms.my_shop import ServicesForm
from merchants.models import Commune, StandardReason
from merchants.models.commune import EditPolicy
from merchants.workflow.listing import Listing
from tests.factories import make_category, make_commune, make_shop, make_user
from tests.team import make_colleague

pytestmark = pytest.mark.django_db

SETTINGS, LOGO, REASONS = "/mairie/reglages/", "/mairie/reglages/logo/", "/mairie/reglages/motifs/"


@pytest.fixture
def commune():
    return make_commune("Suresnes", town_hall_phone="0141181234")


@pytest.fixture
def referent(commune):
    return make_colleague(commune, "referent")


def sent(page) -> dict:
    """What the browser would send if nothing were changed, with what the page showed."""
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    shown = {f"initial-{name}": value for name, value in data.items()}
    return {name: value for name, value in (data | shown).items() if value is not None}


def picture() -> BytesIO:
    buffer = BytesIO()
    Image.new("RGBA", (60, 40), (20, 97, 79, 255)).save(buffer, "PNG")
    buffer.seek(0)
    buffer.name = "armoiries.png"
    return buffer


@pytest.mark.parametrize("address", [SETTINGS, LOGO, REASONS])
@pytest.mark.parametrize("who", ["agent", "helper", "referent elsewhere"])
def test_nobody_else_writes_them(login, commune, who, address):
    place = make_commune("Garches") if "elsewhere" in who else commune
    browser = login(make_colleague(place, who.split()[0]))
    url = f"{address}?commune={commune.insee_code}"
    data = {"welcome_text": "Pirate", "do": "remove", "form-TOTAL_FORMS": "0"}
    answers = [browser.post(url, data)] + ([] if address == LOGO else [browser.get(url)])
    for answer in answers:
        assert answer.status_code in {302, 403, 404}
    assert not Commune.objects.filter(welcome_text="Pirate").exists()


def test_what_is_written_is_seen_at_once(client, login, commune, referent):
    client.get("/suresnes/")
    browser = login(referent)
    data = sent(browser.get(SETTINGS)) | {
        "welcome_text": "Bienvenue\r\nà tous",
        "accent_color": "FFEE00",
        "moderation_policy": "Sous 10 jours.",
        "appeal_contact": "Le médiateur",
        "edit_policy": EditPolicy.VALIDATION,
        "town_hall_phone": "01 41 18 12 35",
    }
    page = browser.post(SETTINGS, data, follow=True).content.decode()
    assert "C’est enregistré." in page
    assert "sera assombrie en" in page and 'fill="#ffee00"' in page
    stored = Commune.objects.get()
    assert stored.version == commune.version + 1
    assert (stored.accent_color, stored.edit_policy) == ("#ffee00", "validation")
    assert stored.welcome_text == "Bienvenue\nà tous"
    assert stored.town_hall_phone == "+33141181235"
    assert "Bienvenue" in client.get("/suresnes/").content.decode()
    legal = client.get("/mentions-legales/").content.decode()
    assert 'id="regles-suresnes"' in legal
    assert "Sous 10 jours." in legal and "Le médiateur" in legal
    assert 'href="/mentions-legales/#regles-suresnes"' not in client.get("/conditions/").text
    Commune.objects.update(town_hall_name="Mairie")
    assert 'href="/mentions-legales/#regles-suresnes"' in client.get("/conditions/").text


def test_an_old_page_takes_back_nothing_of_a_colleague(login, commune, referent):
    browser = login(referent)
    data = sent(browser.get(SETTINGS)) | {"legal_notice": "Le maire"}
    Commune.objects.update(welcome_text="Du collègue", population=7)
    browser.post(SETTINGS, data)
    stored = Commune.objects.get()
    assert (stored.legal_notice, stored.welcome_text, stored.population) == (
        "Le maire",
        "Du collègue",
        7,
    )


def test_saving_what_nobody_changed_writes_nothing(login, commune, referent):
    browser = login(referent)
    page = browser.post(SETTINGS, sent(browser.get(SETTINGS)), follow=True)
    assert "Rien n’a changé." in page.content.decode()
    assert Commune.objects.get().version == commune.version


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"accent_color": "rouge"}, "Une couleur s’écrit"),
        ({"town_hall_phone": "12"}, "numéro"),
        ({"town_hall_email": "mairie"}, "adresse"),
        ({"town_hall_website": "javascript:alert(1)"}, "URL"),
        ({"hidden_services": ["livraison", "retrait", "emporter", "telephone", "rendez-vous"]},
         "au moins un service"),
        ({"timezone": "Mars/Olympus"}, "choix valide"),
    ],
)  # fmt: skip
def test_mistakes_are_said_and_nothing_typed_is_lost(login, commune, referent, change, sentence):
    browser = login(referent)
    data = sent(browser.get(SETTINGS)) | {"welcome_text": "Gardé"} | change
    page = browser.post(SETTINGS, data)
    assert page.status_code == 200
    text = page.content.decode()
    assert sentence in text and "Gardé" in text and "Rien n’est enregistré" in text
    assert Commune.objects.get().version == commune.version


def test_a_colour_is_looked_at_first(login, commune, referent):
    browser = login(referent)
    data = sent(browser.get(SETTINGS)) | {"accent_color": "#ffee00", "do": "preview"}
    page = browser.post(SETTINGS, data).content.decode()
    assert "Rien n’est encore enregistré." in page and "sera assombrie en" in page
    assert Commune.objects.get().accent_color == ""


def test_a_logo_comes_and_goes(
    client, login, commune, referent, django_capture_on_commit_callbacks
):
    browser = login(referent)
    for _click in range(2):
        assert browser.post(LOGO, {"logo": picture()}).status_code == 302
    stored = Commune.objects.get()
    assert stored.logo.name.startswith(f"logos/{commune.insee_code}-")
    assert stored.logo.name.endswith(".webp")
    assert stored.version == commune.version + 1
    assert stored.logo.url in client.get("/suresnes/").content.decode()
    page = browser.get(SETTINGS).content.decode()
    assert "Le logo sur fond sombre" in page
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(LOGO, {"do": "remove"})
    assert not Commune.objects.get().logo
    assert not stored.logo.storage.exists(stored.logo.name)


def test_what_is_no_picture_is_no_logo(login, commune, referent):
    wrong = BytesIO(b"<svg/>")
    wrong.name = "logo.svg"
    page = login(referent).post(LOGO, {"logo": wrong})
    assert page.status_code == 200 and "JPEG, un PNG ou un WebP" in page.content.decode()
    assert login(referent).post(LOGO, {}).status_code == 200
    assert not Commune.objects.get().logo


class TestOffer:
    @pytest.fixture
    def hidden(self, commune, login, referent):
        """Suresnes offers neither tattoos, nor what belongs to banks, nor takeaway."""
        make_category("Tatouage", group="Beauté")
        make_category("Coiffeur", group="Beauté")
        make_category("Agence", group="Banques")
        browser = login(referent)
        data = sent(browser.get(SETTINGS)) | {
            "hidden_categories": ["tatouage", "banques"],
            "hidden_services": ["emporter"],
        }
        assert browser.post(SETTINGS, data).status_code == 302
        return commune

    def test_is_kept_and_shown_again(self, hidden, login, referent):
        page = login(referent).get(SETTINGS)
        names = set(hidden.hidden_categories.values_list("slug", flat=True))
        assert names == {"tatouage", "banques"}
        form = page.context["form"]
        assert {g.slug: ticked for g, _several, ticked in form.groups} == {
            "beaute": 1, "banques": 1,
        }  # fmt: skip
        browser = login(referent)
        browser.post(SETTINGS, sent(page) | {"hidden_categories": [], "hidden_services": []})
        assert not hidden.hidden_categories.exists()
        assert Commune.objects.get().hidden_services == []

    def test_leaves_filters_and_not_the_list(self, hidden, client):
        for name, group in (("Tatouage", "Beauté"), ("Agence", "Banques"), ("Coiffeur", "Beauté")):
            make_shop(
                f"Chez {name}", commune=hidden, services=["emporter", "livraison"],
                category=make_category(name, group=group),
            )  # fmt: skip
        page = client.get("/suresnes/")
        text = page.content.decode()
        results = page.context["results"]
        assert [option.value for group in results.groups for option in group.options] == [
            "coiffeur"
        ]
        assert "emporter" not in [option.value for option in results.services]
        for name in ("Chez Tatouage", "Chez Agence", "Chez Coiffeur"):
            assert name in text
        # An old address still answers, and says what it asks.
        results = client.get("/suresnes/?categorie=tatouage&service=emporter").context["results"]
        assert results.total == 1
        assert [o.value for g in results.groups for o in g.options if o.checked] == ["tatouage"]

    def test_other_towns_offer_it(self, hidden, client):
        garches = make_commune("Garches")
        make_shop(commune=garches, category=make_category("Tatouage"), services=["emporter"])
        results = client.get("/garches/").context["results"]
        assert [option.value for group in results.groups for option in group.options] == [
            "tatouage"
        ]
        assert "emporter" in [option.value for option in results.services]

    def test_is_not_offered_to_merchants_but_kept_where_it_is(self, hidden):
        hidden.refresh_from_db()
        new = make_shop(commune=hidden, category=make_category("Coiffeur"))
        old = make_shop(commune=hidden, category=make_category("Tatouage"), services=["emporter"])
        form = ActivityForm(listing=Listing.of(new))
        assert {c.slug for c in form.category.leaves} == {"coiffeur"}
        assert "emporter" not in [s.kind for s in ServicesForm(listing=Listing.of(new)).services]
        form = ActivityForm(listing=Listing.of(old))
        assert "tatouage" in form.category.categories
        assert "emporter" in [s.kind for s in ServicesForm(listing=Listing.of(old)).services]


class TestReasons:
    def rows(self, *rows, **more) -> dict:
        data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"} | more
        for number, (title, text, order) in enumerate(rows):
            data |= {
                f"form-{number}-title": title,
                f"form-{number}-text": text,
                f"form-{number}-ORDER": order,
            }
        return data

    def test_begin_with_those_of_the_site(self, login, commune, referent):
        page = login(referent).get(REASONS).content.decode()
        assert "Pas dans la commune" in page and "celles du site" in page
        assert login(referent).get(f"{REASONS}?pour=lune").status_code == 404

    def test_are_added_ordered_and_taken_away(self, login, commune, referent):
        browser = login(referent)
        url = f"{REASONS}?pour=suspension"
        browser.post(url, self.rows(("Deux", "Texte 2", "2"), ("Un", "Texte 1", "1"), ("", "", "")))
        held = StandardReason.objects.filter(commune=commune)
        assert list(held.values_list("kind", "title", "text")) == [
            ("suspension", "Un", "Texte 1"),
            ("suspension", "Deux", "Texte 2"),
        ]
        one = held.get(title="Un")
        data = self.rows(("Un", "Autre texte", "1"), ("Deux", "Texte 2", "2")) | {
            "form-1-DELETE": "on",
            "form-INITIAL_FORMS": "2",
        }
        browser.post(url, data)
        assert list(held.values_list("pk", "text")) == [(one.pk, "Autre texte")]
        browser.post(url, self.rows(do="default"))
        assert not held.exists()

    @pytest.mark.parametrize(
        ("rows", "sentence"),
        [
            ([("Un", "", "1")], "obligatoire"),
            ([("Un", "A", "1"), ("un", "B", "2")], "même titre"),
            ([("Un", "A" * 501, "1")], "500"),
        ],
    )
    def test_mistakes_are_said(self, login, commune, referent, rows, sentence):
        page = login(referent).post(REASONS, self.rows(*rows)).content.decode()
        assert sentence in page and 'value="Un"' in page
        assert not StandardReason.objects.exists()


def test_administrators_set_every_commune(login, commune):
    browser = login(make_user(is_superuser=True, is_staff=True))
    url = f"{SETTINGS}?commune={commune.insee_code}"
    browser.post(url, sent(browser.get(url)) | {"welcome_text": "Bonjour"})
    assert Commune.objects.get().welcome_text == "Bonjour"


class TestTrace:
    """« Historique » of the commune: who changed which of its settings, for administrators."""

    @pytest.fixture
    def history(self, login, commune):
        def history() -> str:
            browser = login(make_user(is_superuser=True, is_staff=True))
            return browser.get(f"/mairie/merchants/commune/{commune.pk}/history/").text

        return history

    def test_of_settings_logo_and_reasons(self, login, commune, referent, history):
        browser = login(referent)
        page = browser.get(SETTINGS)
        browser.post(SETTINGS, sent(page))
        browser.post(SETTINGS, sent(page) | {"accent_color": "rouge"})
        assert not LogEntry.objects.exists()
        browser.post(SETTINGS, sent(page) | {"welcome_text": "Bonjour", "legal_notice": "Le maire"})
        browser.post(LOGO, {"logo": picture()})
        browser.post(f"{REASONS}?pour=refusal", {"do": "default"})
        entries = LogEntry.objects.order_by("pk")
        assert {entry.user for entry in entries} == {referent}
        assert [entry.get_change_message() for entry in entries] == [
            "Modification de Texte d’accueil et Mentions légales.",
            "Modification de Logo.",
            "Modification de Motifs habituels et refus d’une inscription.",
        ]
        assert "Texte d’accueil" in history() and str(referent) in history()
