"""The call list and the form of a call: filters, buttons, and the next shop by itself."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from merchants.forms.call import coming_holiday
from merchants.models import Call, Shop
from merchants.models.history import Action
from merchants.opening_hours import HolidayRule, Period
from merchants.workflow import calls, closures, listing
from merchants.workflow.roles import give_role
from tests.calling import PHONE, make_agent, make_call, make_report, seen
from tests.claiming import make_person, words
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/appels/"
SENTENCE = "du mardi au samedi 9h-12h"


@pytest.fixture
def christmas(monkeypatch):
    """Today is the tenth of December, for calls: accounts and sessions are of the real day."""
    now = datetime(2026, 12, 10, 9, 0, tzinfo=NOW.tzinfo)
    monkeypatch.setattr("merchants.admin.call.timezone", SimpleNamespace(now=lambda: now))
    return now


def shop_in(commune, name, **fields) -> Shop:
    return make_shop(name, commune=commune, **{"phone": PHONE} | fields)


@pytest.fixture
def commune():
    return make_commune()


@pytest.fixture
def shop(commune):
    return shop_in(commune, "L’Épi d’Or", street="rue de la Paix", house_number="12")


@pytest.fixture
def user(shop):
    return make_agent(shop)


@pytest.fixture
def agent(login, user):
    return login(user)


def page_of(shop: Shop, query: str = "") -> str:
    return f"{LIST}{shop.pk}/{query}"


def posted(shop: Shop, do: str, **values) -> dict:
    """What the browser sends of a page that is opened now."""
    page = seen(shop)
    return {"do": do, "version": page.version, "last_call": page.last_call, "next": "end"} | values


def shown(response) -> list[str]:
    return [shop.name for shop in response.context["page"]]


class TestList:
    def test_says_whom_to_call_and_what_came_of_the_last_call(self, agent, shop, user):
        make_call(shop, by=user, now=timezone.now())
        said = words(agent.get(LIST)).replace("\u00a0", " ")
        for sentence in (
            "L’Épi d’Or", "12 rue de la Paix", "01 47 51 01 02", "Jamais confirmé",
            "ne répond pas", "à rappeler", "1 fiche.",
        ):  # fmt: skip
            assert sentence in said
        assert f'href="tel:{PHONE}"' in agent.get(LIST).content.decode()

    def test_filters(self, agent, commune, shop, christmas):
        shop_in(commune, "Sans horaires", hours=None)
        shop_in(commune, "Inconnu", holiday_rule=HolidayRule.UNKNOWN)
        shop_in(commune, "Sans téléphone", phone="")
        garage = make_category("Garage", group="Services")
        calls.unchanged(shop, by=make_agent(shop), now=christmas, seen=seen(shop))
        shop_in(commune, "Garage du Pont", category=garage)
        shop_in(commune, "Brouillon", status="draft")
        shop_in(make_commune("Garches"), "Ailleurs")
        never = ["Sans horaires", "Inconnu", "Garage du Pont"]
        for query, names in {
            "": [*never, "L’Épi d’Or"],
            "quoi=n-importe-quoi": [*never, "L’Épi d’Or"],
            "tous=on&quoi=jamais": ["Sans horaires", "Inconnu", "Sans téléphone", "Garage du Pont"],
            "quoi=jamais": never,
            "quoi=six-mois": never,
            "quoi=sans-horaires": ["Sans horaires"],
            "quoi=ferie": ["Sans horaires", "Inconnu"],
            "groupe=services": ["Garage du Pont"],
            "groupe=rien": [*never, "L’Épi d’Or"],
        }.items():
            assert shown(agent.get(f"{LIST}?{query}")) == names, query
        page = agent.get(f"{LIST}?groupe=alimentation&quoi=ferie&tous=on")
        assert "à interroger avant le 25 décembre (Noël)" in words(page)

    def test_only_a_public_holiday_that_comes_soon_is_asked_about(self, commune):
        may = datetime(2026, 5, 1, 9, 0, tzinfo=NOW.tzinfo)
        assert coming_holiday(commune, may).isoformat() == "2026-05-08"
        assert coming_holiday(commune, datetime(2026, 9, 20, tzinfo=NOW.tzinfo)) is None
        alsace = make_commune("Colmar", department="68", holiday_zone="alsace-moselle")
        boxing_day = datetime(2026, 12, 25, 9, 0, tzinfo=NOW.tzinfo)
        assert coming_holiday(alsace, boxing_day).isoformat() == "2026-12-26"
        assert coming_holiday(commune, boxing_day).isoformat() == "2027-01-01"

    def test_an_empty_list_says_so(self, agent, shop):
        said = words(agent.get(f"{LIST}?quoi=sans-horaires"))
        assert "Personne à appeler avec ces choix." in said
        assert "sans téléphone ne sont pas comptées" in said

    def test_pages_keep_the_filter(self, agent, commune, shop):
        for index in range(51):
            shop_in(commune, f"Commerce {index}")
        html = agent.get(f"{LIST}?quoi=jamais").content.decode()
        assert f"?commune={commune.insee_code}&amp;quoi=jamais&amp;page=2" in html
        assert len(shown(agent.get(f"{LIST}?quoi=jamais&page=2"))) == 2

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, agent, commune, shop, number, django_assert_num_queries):
        for index in range(number):
            make_call(shop_in(commune, f"Commerce {index}"), by=make_agent(shop))
        agent.get(LIST)
        with django_assert_num_queries(13):
            agent.get(LIST)


class TestCalling:
    def test_the_page_says_what_the_listing_says(self, agent, shop, user):
        make_call(shop, by=user)
        make_member(shop)
        said = words(agent.get(page_of(shop))).replace("\u00a0", " ")
        for sentence in (
            "01 47 51 01 02", "Du lundi au vendredi", "Jamais confirmé",
            "Un commerçant tient cette fiche", "ne répond pas", "Fiche 1 sur 1",
        ):  # fmt: skip
            assert sentence in said

    def test_nothing_changed(self, agent, shop, user, client):
        page = agent.post(page_of(shop), posted(shop, "unchanged", note="Aimable"))
        assert page.status_code == 302
        shop.refresh_from_db()
        assert (shop.confirmed_as, shop.confirmed_by) == ("town_hall_phone", user)
        assert [(call.outcome, call.note) for call in Call.objects.all()] == [
            ("unchanged", "Aimable")
        ]
        public = words(client.get(shop.get_absolute_url()))
        assert re.search(r"Confirmé le .* par la mairie, par téléphone", public)

    def test_the_next_shop_of_the_same_list_opens(self, agent, commune, shop):
        second, third = shop_in(commune, "Deuxième"), shop_in(commune, "Troisième")
        query = f"?commune={commune.insee_code}&quoi=jamais"
        html = agent.get(page_of(shop, query)).content.decode()
        assert f'name="next" value="{second.pk}"' in html
        values = posted(shop, "unchanged", next=second.pk)
        for _click in range(2):  # The second click goes where the first one went.
            page = agent.post(page_of(shop, query), values)
            assert page.url == page_of(second, query)
        calls.unchanged(second, by=make_agent(shop), now=timezone.now(), seen=seen(second))
        page = agent.post(page_of(shop, query), values)
        assert page.url == page_of(third, query)
        page = agent.post(page_of(third, query), posted(third, "no_answer"), follow=True)
        assert page.redirect_chain == [(f"{LIST}{query}", 302)]
        assert "au bout de cette liste" in words(page)
        assert Call.objects.count() == 3

    def test_what_is_confirmed_today_is_not_called_again(self, agent, commune, shop):
        second = shop_in(commune, "Deuxième")
        query = f"?commune={commune.insee_code}"
        values = posted(shop, "unchanged", next=second.pk)
        assert agent.post(page_of(shop, query), values).url == page_of(second, query)
        html = agent.get(page_of(second, query)).content.decode()
        assert 'name="next" value="end"' in html
        page = agent.post(page_of(second, query), posted(second, "unchanged"), follow=True)
        assert page.redirect_chain == [(f"{LIST}{query}", 302)]
        said = words(page)
        assert "Toutes ces fiches ont été confirmées aujourd’hui." in said
        assert "Commencer les appels" not in said and "Deuxième" in said

    def test_hours_are_shown_before_they_are_written(self, agent, shop):
        values = posted(shop, "save", sentence=SENTENCE, note="Vu avec Léa")
        page = agent.post(page_of(shop), values)
        assert "Voici ce qui est compris" in words(page)
        assert "Du mardi au samedi" in words(page)
        html = page.content.decode()
        assert f'value="{SENTENCE}"' in html and 'value="Vu avec Léa"' in html
        assert not Call.objects.exists()
        # Another sentence than the one that was shown is shown first.
        other = agent.post(page_of(shop), values | {"previewed": "lundi 9h-12h"})
        assert "Voici ce qui est compris" in words(other)
        assert agent.post(page_of(shop), values | {"previewed": SENTENCE}).status_code == 302
        schedule = Shop.objects.get(pk=shop.pk).schedule
        assert schedule.weekly == tuple(Period(day, 540, 720) for day in range(1, 6))
        assert Call.objects.get().outcome == "changed"

    @pytest.mark.parametrize(
        ("do", "values", "sentence"),
        [
            ("save", {}, "Écrivez les horaires, ou choisissez"),
            ("save", {"sentence": "quand il fait beau"}, "quand"),
            ("unchanged", {"sentence": SENTENCE}, "enregistrez-les, ou effacez la phrase"),
            ("unchanged", {"note": "x" * 301}, "au plus 300"),
            ("no_answer", {"note": "x" * 301}, "300 caractères au plus"),
            ("", {}, "Choisissez un des boutons"),
        ],
    )
    def test_a_mistake_is_said_and_nothing_is_lost(self, agent, shop, do, values, sentence):
        page = agent.post(page_of(shop), posted(shop, do, **values))
        assert sentence in words(page)
        for text in values.values():
            assert f'value="{text}"' in page.content.decode()
        assert not Call.objects.exists()

    def test_a_listing_that_the_merchant_changed_is_read_again(self, agent, shop):
        values = posted(shop, "save", sentence=SENTENCE, previewed=SENTENCE)
        owner = make_member(shop)
        hours = make_shop(hours="Mo 08:00-09:00").schedule
        listing.set_hours(shop, hours, by=owner, now=NOW)
        page = agent.post(page_of(shop), values)
        assert "modifiée entre-temps" in words(page)
        html = page.content.decode()
        version = Shop.objects.get(pk=shop.pk).version
        assert f'name="version" value="{version}"' in html and f'value="{SENTENCE}"' in html
        assert "8\u00a0h – 9\u00a0h" in html
        assert not Call.objects.exists()
        assert agent.post(page_of(shop), values | {"version": version}).status_code == 302
        assert Shop.objects.get(pk=shop.pk).confirmed_as == "town_hall_phone"

    def test_a_shop_is_closed_once_it_was_asked(self, agent, shop):
        values = posted(shop, "closed", note="Le fils le dit", sentence="lundi 9h")
        page = agent.post(page_of(shop), values)
        assert "a fermé définitivement" in words(page)
        assert 'name="sentence" value="lundi 9h"' in page.content.decode()
        assert Shop.objects.get(pk=shop.pk).status == "published"
        back = agent.post(page_of(shop), values | {"do": "back"}).content.decode()
        assert 'value="Le fils le dit"' in back and "Rien n’a changé" in back
        for _click in range(2):
            page = agent.post(page_of(shop), values | {"do": "closed_sure"})
            assert page.status_code == 302
        assert Shop.objects.get(pk=shop.pk).status == "closed"
        assert Call.objects.get().note == "Le fils le dit"
        assert "plus rien à demander" in words(agent.get(page_of(shop)))

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, agent, commune, shop, user, number, django_assert_num_queries):
        for index in range(number):
            make_call(shop_in(commune, f"Commerce {index}"), by=user)
            make_call(shop, by=make_agent(shop), now=NOW + timedelta(hours=index))
        agent.get(page_of(shop))
        with django_assert_num_queries(11):
            agent.get(page_of(shop))


class TestBeforeAPublicHoliday:
    QUERY = "?quoi=ferie"

    @pytest.fixture
    def shop(self, commune):
        return shop_in(commune, "Inconnu", holiday_rule=HolidayRule.UNKNOWN)

    def test_is_asked_about_it(self, agent, shop, christmas):
        said = words(agent.get(page_of(shop, self.QUERY))).replace("\u202f", " ")
        assert "Ouvert le vendredi 25 décembre ?" in said
        assert "Ouvert le vendredi" not in words(agent.get(page_of(shop)))

    @pytest.mark.parametrize(
        ("values", "special"),
        [
            ({"answer": "closed"}, ("closed", ())),
            ({"answer": "as_usual"}, ("hours", ((540, 1080),))),
        ],
    )
    def test_a_plain_answer_is_written_at_once(self, agent, shop, christmas, values, special):
        page = agent.post(page_of(shop, self.QUERY), posted(shop, "unchanged", **values))
        assert page.status_code == 302
        (found,) = Shop.objects.get(pk=shop.pk).schedule.specials
        assert (found.kind.value, tuple((p.opens, p.closes) for p in found.periods)) == special
        assert Call.objects.get().outcome == "changed"

    def test_other_hours_are_shown_first(self, agent, shop, christmas):
        values = posted(shop, "unchanged", answer="hours", day_hours="9h-12h")
        page = agent.post(page_of(shop, self.QUERY), values)
        assert "vendredi 25 décembre" in words(page) and "Voici ce qui est compris" in words(page)
        typed = re.search(r'name="previewed" value="([^"]+)"', page.content.decode())[1]
        assert not Call.objects.exists()
        agent.post(page_of(shop, self.QUERY), values | {"do": "save", "previewed": typed})
        (found,) = Shop.objects.get(pk=shop.pk).schedule.specials
        assert [(period.opens, period.closes) for period in found.periods] == [(540, 720)]

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"answer": "hours"}, "Écrivez ses heures ce jour-là."),
            ({"answer": "hours", "day_hours": "quand il fait beau"}, "quand"),
            ({"answer": "hours", "day_hours": "fermé, lundi 9h-12h"}, "Écrivez des heures"),
            ({"answer": "", "day_hours": "9h-12h"}, "Choisissez « oui, à d’autres heures »"),
            ({"answer": "perhaps"}, "Sélectionnez un choix valide"),
        ],
    )
    def test_a_mistake_is_said(self, agent, shop, christmas, values, sentence):
        page = agent.post(page_of(shop, self.QUERY), posted(shop, "unchanged", **values))
        assert sentence in words(page)
        assert not Call.objects.exists()

    def test_one_that_was_told_is_not_in_the_list(self, agent, shop, christmas):
        closures.close_exceptionally(
            shop, coming_holiday(shop.commune, christmas), by=None, now=christmas
        )
        assert shown(agent.get(f"{LIST}{self.QUERY}")) == []


def test_a_call_about_a_report_leads_back_to_it(agent, shop):
    report = make_report(shop)
    query = f"?signalement={report.pk}"
    assert "Retour au signalement" in words(agent.get(page_of(shop, query)))
    page = agent.post(page_of(shop, query), posted(shop, "unchanged"))
    assert page.url == f"/mairie/signalements/{report.pk}/"
    other = make_report(make_shop("Voisin"))
    page = agent.post(page_of(shop, f"?signalement={other.pk}"), posted(shop, "unchanged"))
    assert page.url.startswith(LIST)


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        ("agent", 200),
        ("referent", 200),
        ("admin", 200),
        ("agent elsewhere", 404),
        ("helper", 403),
        ("owner", 403),
        ("stranger", 403),
        ("visitor", 302),
    ],
)
def test_who_may_call(client, login, shop, who, answers):
    browser = client if who == "visitor" else login(make_person(who, shop))
    follow = who != "visitor"
    addresses = [f"{LIST}?commune={shop.commune.insee_code}", page_of(shop)]
    addresses.append(f"{LIST}fiche.pdf?commune={shop.commune.insee_code}")
    for address in addresses:
        assert browser.get(address, follow=follow).status_code == answers, address
    for do in ("unchanged", "no_answer", "closed_sure"):
        browser.post(page_of(shop), posted(shop, do))
    assert Call.objects.exists() is (answers == 200)
    stored = Shop.objects.get(pk=shop.pk)
    assert (stored.status == "closed") is (answers == 200)
    assert stored.history.filter(action=Action.CONFIRM).exists() is (answers == 200)


def test_an_agent_of_two_communes_chooses(login, shop):
    user = make_user()
    other = shop_in(make_commune("Garches"), "Ailleurs")
    for commune in (shop.commune, other.commune):
        give_role(user, commune, role="agent", by=None, now=NOW)
    page = login(user).get(LIST, {"commune": shop.commune.insee_code})
    assert shown(page) == ["L’Épi d’Or"]
    assert "Garches" in words(page)
    assert login(user).get(page_of(other)).context["commune"] == other.commune
