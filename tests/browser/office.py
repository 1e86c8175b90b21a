"""A town hall with a full desk, and the agent who works it off: for the browser's tests.

Twenty cases wait, of every kind that there is, each made as it would be made in earnest.
"""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect
from post_office.models import STATUS, Email

from merchants.geo import Point
from merchants.models import Commune, Shop, User
from merchants.models.sirene import SireneKind
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.browser.people import Person
from tests.calling import PHONE, make_report
from tests.claiming import make_claim
from tests.factories import make_category, make_commune, make_member, make_shop, make_user
from tests.sirene import make_case, number

# Around every point that is made here, so that a point is inside of the commune.
CONTOUR = {
    "type": "Polygon",
    "coordinates": [[[2.20, 48.85], [2.26, 48.85], [2.26, 48.90], [2.20, 48.90], [2.20, 48.85]]],
}
CLEAN = ["Le Verre à Pied", "Aux Deux Sabots", "Chez Lucette"]


class Agent(Person):
    """Somebody of the town hall."""

    def follows(self, name: str) -> None:
        """A link of the page itself, else of the menu around it."""
        inside = self.page.locator("#content-main").get_by_role("link", name=name)
        if inside.count():
            self._goes(inside.first)
        else:
            super().follows(name)

    def sends(self, name: str) -> None:
        self._goes(self.page.get_by_role("button", name=name, exact=True).first)

    def presses(self, key: str, *, goes_to: str = "") -> None:
        """A key of the page: it goes to a button, or leads to another page."""
        if goes_to:
            self.page.keyboard.press(key)
            button = self.page.get_by_role("button", name=goes_to, exact=True)
            expect(button).to_be_focused()
            return
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def unfolds(self, name: str) -> None:
        self.page.locator("summary").get_by_text(name, exact=True).click()

    def writes(self, label: str, text: str) -> None:
        """Into the field that is unfolded, of several that have that name."""
        field = self.page.get_by_label(label, exact=True).locator("visible=true")
        self.hand.writes(field, text)
        expect(field).to_have_value(text)

    def chooses_reason(self) -> str:
        """The first of the standard reasons; its words, as they will be read."""
        choice = self.page.locator("details[open] [data-standard]")
        choice.select_option(index=1)
        # The script writes it into the field below, to be completed there.
        field = self.page.locator("details[open] [data-own]")
        expect(field).not_to_have_value("")
        return field.input_value()

    def is_told(self, words: str) -> None:
        expect(self.page.locator(".messagelist")).to_contain_text(words)

    def decides(self, button: str, *, letter: str = "") -> None:
        """Presses a button of the case, reads what will be written to whom, and sends it."""
        self.sends(button)
        if letter:
            expect(self.page.locator(".case-letter pre").first).to_contain_text(letter)
        else:
            self.reads("Aucun courriel ne part")
        self.sends("Envoyer la décision")


def make_office() -> Commune:
    return make_commune(
        "Suresnes",
        insee_code="92073",
        contour=CONTOUR,
        town_hall_name="Ville de Suresnes",
        town_hall_address="2 rue Carnot\n92150 Suresnes",
        town_hall_phone="01 41 18 19 20",
        town_hall_email="commerce@suresnes.example",
        appeal_contact="Le médiateur de la ville, 2 rue Carnot, 92150 Suresnes",
    )


def make_agent(commune: Commune, *, role: str = "agent") -> User:
    user = make_user("ana@suresnes.example", name="Ana Silva")
    give_role(user, commune, role=role, by=None, now=timezone.now())
    return user


def somewhere(n: int) -> Point:
    """The n-th of a row of points that are some 300 metres from each other."""
    return Point(48.858 + 0.003 * (n % 12), 2.215 + 0.004 * (n // 12))


def make_listing(name: str, commune: Commune, *, n: int, **values) -> Shop:
    address = {"house_number": str(n), "street": "rue de la Paix", "postcode": "92150"}
    values = address | {"point": somewhere(n), "city": commune.name, "phone": PHONE} | values
    return make_shop(name, commune=commune, **values)


def fill_the_desk(commune: Commune) -> None:
    """Twenty cases: 7 registrations, 3 changes, 2 claims, 3 reports, 3 SIRENE, a point, a mail."""
    now = timezone.now()
    bakery, caterer = make_category("Boulangerie"), make_category("Traiteur")

    def ago(hours: int):
        return now - timedelta(hours=hours)

    def registers(name: str, n: int, **values) -> Shop:
        values = {"siret": number(n), "category": bakery, "now": ago(200 - n)} | values
        shop = make_listing(name, commune, n=n, status="pending", **values)
        make_member(shop, email=f"inscrit-{n}@example.fr", name=f"Marchand {n}")
        return shop

    for n, name in enumerate(CLEAN, start=1):
        registers(name, n)
    registers("Le Bon Pain", 4, siret="")
    registers("LE LEVAIN", 5, siret="")
    registers("Fleurs", 6, siret="")
    registers("Gagnez de l’argent", 7, siret="", description="Cliquez ici.")

    for n, name in ((8, "La Cave"), (9, "Le Kiosque"), (10, "La Mercerie")):
        shop = make_listing(name, commune, n=n)
        owner = make_member(shop, email=f"tient-{n}@example.fr")
        changes = {"name": f"{name} du Mont", "main_category": caterer, "categories": (caterer,)}
        edit_listing(shop, changes, by=owner, expected_version=None, now=ago(60 - n))

    make_claim(make_listing("Le Garage", commune, n=11), now=ago(40))
    disputed = make_listing("La Pharmacie", commune, n=12)
    make_member(disputed, email="pharmacie@example.fr")
    make_claim(disputed, make_user("repreneur@example.fr"), now=ago(39))

    reported = make_listing("Le Tabac", commune, n=13)
    make_report(reported, message="Fermé le lundi.", email="habitant@example.fr", now=ago(30))
    make_report(make_listing("La Librairie", commune, n=14), kind="closed", now=ago(29))
    make_report(make_listing("Le Cinéma", commune, n=15), kind="other", message="?", now=ago(28))

    make_case(commune, n=21, name="Sabot d’Or", now=ago(20))
    closed = make_listing("Le Pressing", commune, n=16, siret=number(22))
    make_case(commune, SireneKind.CLOSED, n=22, shop=closed, name="Le Pressing", now=ago(19))
    old = make_listing("L’Ancien", commune, n=17, siret=number(23))
    make_case(commune, SireneKind.SUCCESSOR, n=24, shop=old, name="Le Nouveau", now=ago(18))

    make_listing("Sans Point", commune, n=18, point=None, now=ago(10))
    _lose_a_mail(commune)


def _lose_a_mail(commune: Commune) -> None:
    mail = Email.objects.filter(of_commune__commune=commune).order_by("pk").first()
    Email.objects.filter(pk=mail.pk).update(status=STATUS.failed)
