"""Every address of /mairie/, list, action, autocompletion and export, as each kind of person.

A commune whose every word is "Zyx" has one of everything. Whoever is not of it reads that word
nowhere and changes nothing there, whatever is asked or sent. An address that is new makes the test
fail until `ARGUMENTS` can fill it in.
"""

import re

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import get_resolver

from merchants.models import (
    Category,
    Claim,
    Commune,
    CommuneMail,
    CommuneRole,
    Proposal,
    Report,
    RoleInvitation,
    Shop,
    ShopImport,
    SireneCase,
    User,
)
from merchants.models.report import ReportKind
from merchants.models.role import RoleKind
from merchants.opendata.category_files import read_categories
from merchants.workflow import reports
from merchants.workflow.categories import save_categories
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from merchants.workflow.status import suspend
from tests.claiming import make_claim
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.importing import imports_in, make_import
from tests.merging import merge_both

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# Who has everything, who has some of it, and who has nothing in that commune.
ADMINISTRATOR, REFERENT, AGENT = "administrator", "referent", "agent"
OUTSIDERS = ["agent elsewhere", "referent elsewhere", "helper", "merchant", "stranger"]
# What stays with administrators, and with referents, by the name of the address.
ADMINISTRATORS_ONLY = re.compile(
    r"merchants_(commune|category|user|communerole)_|auth_user_password_change|autocomplete$"
)
REFERENTS_ONLY = re.compile(
    r"^(settings|settings_logo|reasons|team_role|team_remove|team_uninvite)$"
)
# Not of any commune: the door itself, and what Django serves to everybody who has come in.
DOOR = {"login", "logout", "password_change", "password_change_done", "jsi18n"}


def addresses() -> list[tuple[str, str]]:
    """(route, name) of everything below /mairie/, Django's catch-alls aside."""

    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route, pattern.name

    below = (found for found in walk(get_resolver().url_patterns) if found[0].startswith("mairie/"))
    return [(route, name) for route, name in below if name and name != "app_list"]


@pytest.fixture
def town(tmp_path, monkeypatch) -> Commune:
    imports_in(tmp_path / "private", monkeypatch)
    save_categories(read_categories(), by=None, now=NOW)
    town = make_commune("Zyxville", town_hall_email="mairie@zyx.example")
    make_commune("Garches")
    bakery = Category.objects.get(slug="boulangerie")
    make_shop("La Garchoise", commune=Commune.objects.get(name="Garches"), category=bakery)
    shop = make_shop("Zyx Fournil", commune=town, category=bakery, phone="+33147510102")
    owner = make_member(shop, name="Zyxa Diallo")
    edit_listing(shop, {"name": "Zyx Levain"}, by=owner, expected_version=None, now=NOW)
    make_claim(shop, make_user("zyx@example.fr"), proof="document")
    reports.make(shop, kind=ReportKind.OTHER, message="Le zyxomètre est faux", now=NOW)
    make_shop("Zyx Attente", commune=town, category=bakery, status="pending")
    suspended = make_shop("Zyx Suspendu", commune=town, category=bakery)
    suspend(suspended, by=None, now=NOW, reason="Zyx à vérifier")
    merge_both(shop, make_shop("Zyx Fournil bis", commune=town, category=bakery))
    SireneCase.objects.create(
        commune=town, kind="unlisted", siret="73282932000074", name="ZYX SARL", found_at=NOW
    )
    RoleInvitation.objects.create(
        commune=town, email="zyx-agent@example.fr", role=RoleKind.AGENT, token_hash="x",
        invited_at=NOW, expires_at=NOW.replace(year=2027),
    )  # fmt: skip
    give_role(make_user("zyx-r@example.fr"), town, role=RoleKind.REFERENT, by=None, now=NOW)
    make_import(town, rows=[{"nom": "Zyx Neuf", "activité": "boulangerie", "adresse": "1 rue Zyx"}])
    return town


@pytest.fixture
def enter(login, client, town):
    """`enter("agent")`: the browser of somebody by what they are to the town."""

    def enter(who: str):
        if who == "stranger":
            return client
        if who == "merchant":
            return login(make_member(Shop.objects.get(name="La Garchoise")))
        if who == ADMINISTRATOR:
            return login(make_user(is_superuser=True, is_staff=True))
        user = make_user()
        place = Commune.objects.get(name="Garches") if who.endswith("elsewhere") else town
        give_role(user, place, role=who.split()[0], by=None, now=NOW)
        return login(user)

    return enter


def arguments(name: str, route: str, town: Commune) -> dict[str, list[str]]:
    """The values of each part of an address, those of the town's own rows."""
    fournil = Shop.objects.get(name="Zyx Fournil")
    role = CommuneRole.objects.filter(commune=town).order_by("pk").last()
    numbers = {
        "call": fournil,
        "unmerging": Shop.objects.get(status="merged"),
        "report": fournil.reports.get(),
        "sirene_case": SireneCase.objects.get(),
        "team_role": role,
        "team_remove": role,
        "team_uninvite": RoleInvitation.objects.get(),
        "shop_decision": fournil,
        "case": Shop.objects.get(name="Zyx Attente"),
        "import": ShopImport.objects.get(),
        "merchants_claim": Claim.objects.get(),
        "merchants_proposal": Proposal.objects.get(),
        "merchants_shop": fournil,
        "merchants_commune": town,
        "commune_address": town,
        "merchants_category": Category.objects.get(slug="boulangerie"),
        "merchants_user": fournil.members.get().user,
        "auth_user": fournil.members.get().user,
        "merchants_communerole": role,
        "post_office_email": CommuneMail.objects.filter(commune=town).first(),
        "view_on_site": fournil,
    }
    known = sorted((key for key in numbers if name.startswith(key)), key=len)
    row = numbers[known[-1]] if known else None
    number = [str(getattr(row, "pk", row))] if row else []
    return {
        "pk": number,
        "number": number,
        "object_id": number,
        "id": number,
        "kind": ["inscription"],
        "word": ["suspendre", "fermer", "annuler"],
        "format": ["csv", "xlsx", "geojson"],
        "content_type_id": [str(ContentType.objects.get_for_model(Shop).pk)],
    }


def filled(route: str, name: str, town: Commune) -> list[str]:
    """The addresses that a route stands for, with the town's rows and as the town's page."""
    known = arguments(name, route, town)
    found = [f"/{route}"]
    for part in re.findall(r"<[^>]+>", route):
        values = known[part.strip("<>").rpartition(":")[2]]
        assert values, f"no value for {part} of {name}"
        found = [address.replace(part, value) for address in found for value in values]
    if name in {"merging", "distinct"}:
        pair = Shop.objects.filter(name__in=["Zyx Fournil", "Zyx Suspendu"]).order_by("pk")
        found = ["/{}?a={}&b={}".format(route, *pair.values_list("pk", flat=True))]
    mark = "&" if "?" in found[0] else "?"
    return [f"{address}{mark}commune={town.insee_code}" for address in found]


def all_addresses(town: Commune) -> list[tuple[str, str]]:
    """(name, address), lists with searches and filters, and what autocompletion may be asked."""
    found = [
        (name, address)
        for route, name in addresses()
        if name != "autocomplete"
        for address in filled(route, name, town)
    ]
    autocomplete = "/mairie/autocomplete/?app_label=merchants&model_name={}&field_name={}&term="
    fields = [("shop", "commune"), ("communerole", "user"), ("communerole", "commune"),
              ("shopmember", "user"), ("proposal", "shop"), ("claim", "shop")]  # fmt: skip
    # Of a shop, agents find their own; of accounts and communes, nothing.
    found += [
        (f"autocomplete{' of shops' * (field[1] == 'shop')}", autocomplete.format(*field))
        for field in fields
    ]
    for model in ("shop", "proposal", "claim"):
        path = "commune" if model == "shop" else "shop__commune"
        at = f"/mairie/merchants/{model}/?{path}__id__exact={town.pk}"
        found.append((f"merchants_{model}_changelist", at))
    for kind, number in (
        ("proposition", Proposal.objects.get().pk),
        ("demande", Claim.objects.get().pk),
        ("signalement", Report.objects.get().pk),
        ("sirene", SireneCase.objects.get().pk),
    ):
        found.append(("case", f"/mairie/dossiers/{kind}/{number}/"))
    for kind in ("inscription", "signalement", "sirene"):
        found.append(("cases", f"/mairie/dossiers/?kind={kind}"))
    return found


def everything() -> dict[str, list]:
    """All rows but those of sessions and of the admin's own log."""
    from django.apps import apps

    left_out = {"sessions.Session", "admin.LogEntry", "usersessions.UserSession"}
    models = [model for model in apps.get_models() if model._meta.label not in left_out]
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in models
        if model is not User
    }


def told(response) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    text = response.content.decode(errors="replace")
    # Random letters, which now and then have the word in them.
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", text)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_read_nothing_and_change_nothing(enter, town, who):
    browser = enter(who)
    before, read, failed = everything(), [], []
    sent = {
        "_selected_action": [Shop.objects.get(name="Zyx Fournil").pk], "reason": "Non",
        "do": "handled", "decision": "refuse", "sure": "on", "take": "all", "role": "referent",
        "email": "x@example.fr", "case": [SireneCase.objects.get().pk], "kind": "inscription",
        "number": Shop.objects.get(name="Zyx Attente").pk,
    }  # fmt: skip
    actions = [action for model in admin.site._registry.values() for action in model.actions]
    for name, address in all_addresses(town):
        if name in DOOR:
            continue
        # What SIRENE tells is decided in words of its own.
        data = sent | {"decision": "dismiss"} if name.startswith("sirene") else sent
        answers = [browser.get(address), browser.post(address, data)]
        if name.endswith("_changelist"):
            answers += [browser.post(address, sent | {"action": action}) for action in actions]
        for answer in answers:
            if "zyx" in told(answer).lower():
                read.append(f"{address}: {answer.status_code}")
            if answer.status_code >= 500:
                failed.append(address)
    assert read == []
    assert failed == []
    assert everything() == before


@pytest.mark.parametrize("who", [AGENT, REFERENT, ADMINISTRATOR])
def test_those_of_the_town_read_what_is_theirs(enter, town, who):
    browser = enter(who)
    wrong = []
    for name, address in all_addresses(town):
        # Django's page of another's password asks for a field that its form may lack.
        if name in DOOR or name == "auth_user_password_change":
            continue
        answer = browser.get(address)
        told(answer)
        closed = answer.status_code in {403, 404}
        if answer.status_code == 405:  # By POST alone: the other test and those of each page.
            continue
        expected = name.endswith(("_add", "_delete")) and closed
        if who == AGENT and REFERENTS_ONLY.match(name):
            expected = True
        if who != ADMINISTRATOR and ADMINISTRATORS_ONLY.match(name):
            expected = True
        if closed != expected or answer.status_code >= 500:
            wrong.append(f"{name} {address}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)
