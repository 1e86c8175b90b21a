"""« Mon commerce » on a phone, with and without JavaScript, by a merchant in a hurry."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from merchants.models import Shop
from merchants.workflow.confirm_link import confirm_link
from merchants.workflow.edit import edit_listing
from tests.browser.screens import on_each_screen
from tests.browser.test_accessibility import axe
from tests.factories import make_category, make_member, make_shop

PAGES = [
    "horaires/", "fermeture/", "conges/", "confirmer/", "presentation/", "contact/", "services/",
    "identite/", "personnes/", "historique/", "fermer/",
]  # fmt: skip


@pytest.fixture
def shop(live_server) -> Shop:
    make_category("Traiteur")
    return make_shop(
        "Le Fournil",
        hours="Mo-Fr 09:00-12:30,14:00-19:00",
        street="rue de la Paix",
        house_number="12",
        phone="+33147510102",
        services=["livraison"],
    )


@pytest.fixture
def owner(shop):
    return make_member(shop, name="Awa Diallo")


def osm() -> str:
    return Shop.objects.get().schedule.to_osm()


@pytest.mark.parametrize("javascript", [True, False])
def test_monday_is_copied_and_saved(phone_of, owner, javascript):
    with phone_of(owner, javascript=javascript) as page:
        page.get_by_role("link", name="Modifier mes horaires").click()
        page.get_by_label("lundi, plage 1 : ouvre à").fill("08:30")
        page.get_by_role("button", name="Copier lundi sur les autres jours").click()
        expect(page.get_by_label("dimanche, plage 2 : ferme à")).to_have_value("19:00")
        page.get_by_role("button", name="Fermé ce jour (dimanche)").click()
        expect(page.get_by_label("dimanche, plage 1 : ferme à")).to_have_value("")
        page.get_by_role("button", name="Ajouter une plage (samedi)").click()
        page.get_by_label("samedi, plage 3 : ouvre à").fill("20:00")
        page.get_by_label("samedi, plage 3 : ferme à").fill("02:00")
        page.get_by_label("fermé les jours fériés").check()
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("C’est enregistré, et déjà en ligne.")
    weekly = Shop.objects.get().schedule.weekly
    assert len(weekly) == 13
    assert (weekly[-1].weekday, weekly[-1].opens, weekly[-1].closes) == (5, 1200, 1560)
    assert osm().endswith("PH off")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sentence_is_enough(phone_of, owner, javascript):
    with phone_of(owner, javascript=javascript) as page:
        page.get_by_role("link", name="Modifier mes horaires").click()
        page.get_by_label("Vos horaires, comme vous les diriez").fill(
            "du mardi au samedi 9h-12h30 14h-19h"
        )
        page.get_by_role("button", name="Voir ce qui est compris").click()
        expect(page.get_by_role("heading", name="Voici ce qui est compris")).to_be_visible()
        page.get_by_role("button", name="Enregistrer ces horaires").click()
        expect(page.get_by_role("status")).to_contain_text("C’est enregistré")
    assert osm().startswith("Tu-Sa 09:00-12:30,14:00-19:00")


@pytest.mark.parametrize("javascript", [True, False])
def test_closed_today_then_on_holiday_then_confirmed(phone_of, owner, javascript):
    today = timezone.localdate()
    with phone_of(owner, javascript=javascript) as page:
        page.get_by_role("link", name="Fermeture exceptionnelle").click()
        page.get_by_label("demain").check()
        page.get_by_label("Pourquoi ?").fill("Inventaire")
        page.get_by_role("button", name="Annoncer la fermeture").click()
        expect(page.get_by_role("status")).to_contain_text("déjà en ligne")

        page.get_by_role("link", name="Congés").click()
        start = today.replace(year=today.year + 1, month=8, day=1)
        page.get_by_label("Premier jour fermé").fill(start.isoformat())
        page.get_by_label("Dernier jour fermé").fill(start.replace(day=21).isoformat())
        page.get_by_role("button", name="Annoncer les congés").click()
        expect(page.get_by_role("status")).to_contain_text("déjà en ligne")

        page.get_by_role("link", name="Modifier mes horaires").click()
        retire = page.get_by_role("button", name="Retirer")
        expect(retire).to_have_count(2)
        retire.first.click()
        expect(page.get_by_role("status")).to_contain_text("C’est retiré")

        page.get_by_role("link", name="Tout est exact").click()
        page.get_by_role("button", name="Oui, tout est exact").click()
        expect(page.get_by_role("status")).to_contain_text("Merci")
    shop = Shop.objects.get()
    assert [special.reason for special in shop.schedule.specials] == ["congés"]
    assert shop.confirmed_as == "merchant"


def test_another_day_asks_which(phone_of, owner):
    with phone_of(owner) as page:
        page.get_by_role("link", name="Fermeture exceptionnelle").click()
        day = page.get_by_label("Autre jour", exact=True)
        expect(day).to_be_hidden()
        page.get_by_label("un autre jour", exact=True).check()
        expect(day).to_be_visible()
        expect(page.get_by_label("Fermé de")).to_be_hidden()
        page.get_by_label("seulement de").check()
        expect(page.get_by_label("Fermé de")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_handing_over_asks_first(phone_of, owner, shop, javascript):
    make_member(shop, role="colleague", name="Paul")
    with phone_of(owner, javascript=javascript) as page:
        page.get_by_role("link", name="Personnes").click()
        page.get_by_role("button", name="Transmettre le commerce").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Transmettre le commerce\u202f?")
        assert not axe(page) if javascript else True
        page.get_by_role("button", name="Oui, transmettre").click()
        expect(page.get_by_role("status")).to_contain_text("vous êtes maintenant collègue")


def test_an_address_without_https_passes(phone_of, owner, live_server, shop):
    with phone_of(owner) as page:
        page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/contact/")
        page.get_by_label("Site", exact=True).fill("www.fournil.fr")
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_role("status")).to_contain_text("C’est enregistré")
    assert Shop.objects.get().website == "https://www.fournil.fr"


def test_a_change_by_keyboard_alone(phone_of, owner):
    """Enter in the table saves; it does not copy Monday, the first button of the table."""
    with phone_of(owner) as page:
        page.get_by_role("link", name="Modifier mes horaires").focus()
        page.keyboard.press("Enter")
        field = page.get_by_label("lundi, plage 1 : ouvre à")
        field.fill("08:00")
        field.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("C’est enregistré")
    weekly = Shop.objects.get().schedule.weekly
    assert [p.opens for p in weekly if p.weekday == 0] == [480, 840]
    assert [p.opens for p in weekly if p.weekday == 1] == [540, 840]


def test_the_link_of_a_letter(open_page, live_server, shop, owner):
    link = confirm_link(Shop.objects.get(), owner, now=timezone.now())
    with open_page(width=360, height=740, javascript=False) as page:
        page.goto(link.replace("http://testserver", live_server.url))
        page.get_by_role("button", name="Oui, tout est exact").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Merci !")
        assert page.context.cookies() == []


@on_each_screen
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    phone_of, live_server, shop, owner, width, scheme
):
    make_member(shop, role="colleague", name="Paul")
    edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=timezone.now())
    link = confirm_link(Shop.objects.get(), owner, now=timezone.now())
    found = []
    with phone_of(owner, width=width) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        addresses = ["/mon-commerce/", *(f"/mon-commerce/{shop.pk}/{path}" for path in PAGES)]
        addresses.append(link.removeprefix("http://testserver"))
        for address in addresses:
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in axe(page)]
            room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if room > 0:
                found.append(f"{address} is {room} px too wide")
        # A page with mistakes, too.
        page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/horaires/")
        page.get_by_label("lundi, plage 1 : ouvre à").fill("20:00")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        found += [f"mistakes {fault}" for fault in axe(page)]
    assert not found, "\n\n".join(found)
