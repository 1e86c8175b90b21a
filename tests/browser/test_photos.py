"""Activity and photos on a phone: by keyboard, with and without JavaScript, and for axe."""

from io import BytesIO

import pytest
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import expect

from merchants.forms.category import Choice, found
from merchants.models import Category, Photo, Shop
from merchants.workflow.photos import add_photo
from tests.browser.screens import on_each_screen
from tests.browser.test_accessibility import axe
from tests.factories import NOW, make_member, make_shop

WORDS = [
    "pain", "coiffeuse", "coiffeuses", "ongles", "clés", "boulangère", "journal", "œufs", "thé",
    "je vends des fleurs", "réparation de vélo", "auto", "pizza", "piscine", "magasin", "xyzzy",
    "L’électricien", "s", "avocate",
]  # fmt: skip


def jpeg(color: str = "red", size: tuple[int, int] = (1200, 800)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG")
    return buffer.getvalue()


def upload(color: str = "red") -> dict:
    return {"name": f"{color}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(color)}


@pytest.fixture
def categories(live_server):
    call_command("load_categories", verbosity=0)


@pytest.fixture
def shop(categories) -> Shop:
    shop = make_shop(
        "Chez Awa",
        category=Category.objects.get(slug="bazar"),
        status="draft",
        hours=None,
    )
    shop.categories.clear()
    Shop.objects.update(main_category=None)
    return shop


@pytest.fixture
def owner(shop):
    return make_member(shop, name="Awa Diallo")


@pytest.fixture
def step(live_server, shop):
    return f"{live_server.url}/mon-commerce/{shop.pk}/inscription/activite/"


@pytest.fixture
def photos(live_server, shop):
    Shop.objects.update(status="published", main_category=Category.objects.get(slug="bazar"))
    return f"{live_server.url}/mon-commerce/{shop.pk}/photos/"


def tab_to(page, target) -> None:
    """Goes on with the Tab key until that element has the focus."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {target}")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_step_by_keyboard_alone(phone_of, owner, step, javascript):
    with phone_of(owner, javascript=javascript) as page:
        page.goto(step)
        tab_to(page, page.get_by_label("Que vendez-vous, que faites-vous"))
        page.keyboard.type("coiffeuse")
        # Where scripts run, the answers stand there already; otherwise the key asks the server.
        page.keyboard.press("Enter")
        choice = page.get_by_role("radio", name="Coiffeur et barbier")
        expect(choice).to_be_visible()
        tab_to(page, choice)
        page.keyboard.press("Space")
        expect(choice).to_be_checked()
        tab_to(page, page.get_by_label("Ce qu’on trouve chez vous"))
        page.keyboard.type("Coupe et couleur")
        tab_to(page, page.get_by_label("Sur rendez-vous", exact=True))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_label("Téléphone", exact=True))
        page.keyboard.type("01 99 00 12 34")
        tab_to(page, page.get_by_label("Téléphone visible de tous"))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Enregistrer et continuer"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/inscription/horaires/")
    shop = Shop.objects.get()
    assert shop.main_category.slug == "coiffeur"
    assert shop.description == "Coupe et couleur"
    assert [service.kind for service in shop.services.all()] == ["rendez-vous"]
    assert (shop.phone, shop.public_phone) == ("+33199001234", "")


def test_the_script_answers_as_the_server_does(phone_of, owner, step):
    choices = [Choice.of(category) for category in ordered()]
    with phone_of(owner) as page:
        page.goto(step)
        for word in WORDS:
            page.get_by_label("Que vendez-vous, que faites-vous").fill(word)
            shown = page.locator("[data-finder-found] input:visible").evaluate_all(
                "inputs => inputs.map(input => input.value)"
            )
            assert shown == [choice.slug for choice in found(word, choices)], word


def ordered() -> list[Category]:
    leaves = Category.objects.leaves().select_related("parent")
    return sorted(leaves, key=lambda c: (c.parent.position, c.parent.pk, c.position, c.pk))


def test_the_list_opens_where_nothing_answers_and_nothing_chosen_is_lost(
    phone_of,
    owner,
    step,
):
    with phone_of(owner) as page:
        page.goto(step)
        question = page.get_by_label("Que vendez-vous, que faites-vous")
        question.fill("pain")
        page.get_by_role("radio", name="Boulangerie-pâtisserie").check()
        question.fill("xyzzy")
        expect(page.get_by_role("status").first).to_contain_text("Aucune activité ne répond")
        expect(page.get_by_role("radio", name="Boulangerie-pâtisserie")).to_be_checked()
        page.get_by_role("radio", name="Fleuriste").check()
        question.fill("")
        expect(page.get_by_role("radio", name="Fleuriste")).to_be_checked()
        expect(page.get_by_role("radio", name="Boulangerie-pâtisserie")).to_be_visible()
        assert page.get_by_role("radio").count() == Category.objects.leaves().count()


def test_the_counter_counts_down(phone_of, owner, step):
    with phone_of(owner) as page:
        page.goto(step)
        area = page.get_by_label("Ce qu’on trouve chez vous")
        counter = page.locator(".counter")
        expect(counter).to_have_text("Il reste 2\u202f000 caractères.")
        area.fill("x" * 1999)
        expect(counter).to_have_text("Il reste 1 caractère.")
        heard = page.locator(".counter + [role=status]")
        expect(heard).to_have_text("Il reste 1 caractère.")


@pytest.mark.parametrize("javascript", [True, False])
def test_photos_by_keyboard_alone(phone_of, owner, photos, javascript):
    with phone_of(owner, javascript=javascript) as page:
        page.goto(photos)
        for color, alt in (("red", "La vitrine"), ("blue", "Le comptoir")):
            page.get_by_label("La photo", exact=True).set_input_files(upload(color))
            tab_to(page, page.get_by_label("Que voit-on sur la photo"))
            page.keyboard.type(alt)
            page.keyboard.press("Enter")
            expect(page.get_by_role("status").first).to_contain_text("La photo est ajoutée.")
        tab_to(page, page.get_by_role("button", name="Mettre en couverture (photo 2)"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("dans le nouvel ordre")
        field = page.get_by_label("Description (photo 1)")
        tab_to(page, field)
        page.keyboard.press("End")
        page.keyboard.type(" de bois")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("La description est enregistrée.")
        tab_to(page, page.get_by_role("button", name="Retirer (photo 2)"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Retirer cette photo\u202f?")
        tab_to(page, page.get_by_role("button", name="Oui, la retirer"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("La photo est retirée.")
    assert list(Photo.objects.values_list("position", "alt")) == [(0, "Le comptoir de bois")]


def test_a_double_click_sends_once_and_a_heavy_photo_not_at_all(
    phone_of,
    owner,
    photos,
):
    sent = []
    with phone_of(owner) as page:
        page.goto(photos)
        page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
        heavy = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(15 * 1024**2 + 1)}
        page.get_by_label("La photo", exact=True).set_input_files(heavy)
        page.get_by_label("Que voit-on sur la photo").fill("La vitrine")
        page.get_by_role("button", name="Ajouter cette photo").click()
        expect(page.locator("[data-photo-said]")).to_contain_text("pèse plus de 15\u00a0Mo")
        assert sent == []
        page.get_by_label("La photo", exact=True).set_input_files(upload())
        page.get_by_role("button", name="Ajouter cette photo").dblclick()
        expect(page.get_by_role("status").first).to_contain_text("La photo est ajoutée.")
    assert len(sent) == 1
    assert Photo.objects.count() == 1


@on_each_screen
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    phone_of,
    live_server,
    shop,
    owner,
    step,
    width,
    scheme,
):
    found_faults = []

    def look(page, name: str) -> None:
        found_faults.extend(f"{name} {fault}" for fault in axe(page))
        room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if room > 0:
            found_faults.append(f"{name} is {room} px too wide")

    with phone_of(owner, width=width) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(step)
        look(page, "step")
        page.get_by_label("Que vendez-vous, que faites-vous").fill("clés")
        page.get_by_text("Toutes les activités").click()
        page.get_by_label("Livraison", exact=True).check()
        look(page, "step, at work")
        page.get_by_label("Téléphone", exact=True).fill("12")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        expect(page.get_by_text("Choisissez une activité dans la liste.")).to_be_visible()
        look(page, "step, with mistakes")
        page.goto(step.replace("activite", "photos"))
        look(page, "sixth step")
        Shop.objects.update(status="published", main_category=Category.objects.get(slug="bazar"))
        for color in ("red", "green", "blue"):
            add_photo(shop, BytesIO(jpeg(color)), alt=f"Du {color}", by=owner, now=NOW)
        page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/photos/")
        look(page, "photos")
        page.get_by_role("button", name="Retirer (photo 1)").click()
        look(page, "removing")
        page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/contact/")
        look(page, "contact")
        page.goto(f"{live_server.url}{Shop.objects.get().get_absolute_url()}")
        look(page, "public page")
    assert not found_faults, "\n\n".join(found_faults)
