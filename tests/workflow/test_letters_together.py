"""Many letters in one PDF, many e-mails at once: who gets one, who does not and why."""

from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import AccessCode, HistoryEntry, Shop
from merchants.workflow import WorkflowError, letters
from merchants.workflow.roles import give_role
from tests.factories import make_commune, make_member, make_shop, make_user
from tests.inviting import make_listing, make_objection, make_town
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def agent(town, now):
    user = make_user()
    give_role(user, town, role="agent", by=None, now=now)
    return user


class TestPost:
    def test_a_page_for_each_in_their_order_each_with_its_code(self, town, agent, now):
        shops = [make_listing(name, town) for name in ("Zinc", "Abri", "Miel")]
        batch = letters.prepare_all(shops, by=agent, now=now)
        found = pages(batch.pdf)
        assert [page.text.count(shop.name) > 0 for page, shop in zip(found, shops, strict=True)]
        assert (batch.made, batch.left_out) == (3, ())
        assert b"/Title (Lettres aux commerces de Suresnes)" in batch.pdf
        assert AccessCode.objects.filter(channel="post").count() == 3
        assert all(page.rectangles > 100 for page in found)  # A QR code.
        entries = HistoryEntry.objects.filter(action="code")
        assert {(entry.by, entry.capacity) for entry in entries} == {(agent, "town_hall")}

    def test_each_run_ends_the_codes_of_the_one_before(self, town, agent, now):
        shop = make_listing("Zinc", town)
        letters.prepare_all([shop], by=agent, now=now)
        before = AccessCode.objects.get().code_hash
        letters.prepare_all([shop], by=agent, now=now + timedelta(minutes=2))
        assert AccessCode.objects.get().code_hash != before

    def test_a_second_click_makes_nothing_and_says_so(self, town, agent, now):
        one, other = make_listing("Zinc", town), make_listing("Abri", town)
        letters.prepare_all([one], by=agent, now=now)
        with pytest.raises(WorkflowError, match="viennent d’être préparées"):
            letters.prepare_all([one, other], by=agent, now=now + timedelta(seconds=30))
        assert AccessCode.objects.count() == 1

    def test_who_gets_none(self, town, agent, now):
        kept = make_listing("Tenu", town)
        make_member(kept)
        closed = make_listing("Fermé", town)
        Shop.objects.filter(pk=closed.pk).update(status="closed")
        objector = make_listing("Discret", town, siret="73282932000074")
        make_objection(objector, now)
        roving = make_shop("Ambulant", commune=town, point=None, service_area="Suresnes")
        elsewhere = make_listing("Ailleurs", make_commune("Garches"))
        free = make_listing("Libre", town)
        batch = letters.prepare_all(
            [kept, closed, objector, roving, elsewhere, free], by=agent, now=now
        )
        assert batch.made == 1 and len(pages(batch.pdf)) == 1
        said = {shop.name: text.replace("\u00a0", " ") for shop, text in batch.left_out}
        assert said == {
            "Tenu": "Un commerçant tient déjà cette fiche.",
            "Fermé": "« Fermé » a fermé définitivement.",
            "Discret": "Ce commerce ne veut pas figurer dans l’annuaire : on ne lui écrit plus.",
            "Ambulant": "Cette fiche n’a pas d’adresse : la poste ne la trouverait pas.",
            "Ailleurs": "Votre compte ne permet pas cette action.",
        }  # fmt: skip
        assert AccessCode.objects.get().shop == free

    def test_nobody_left_is_said(self, town, agent, now):
        roving = make_shop("Ambulant", commune=town, point=None, service_area="Suresnes")
        with pytest.raises(WorkflowError, match=r"Aucune lettre à préparer\. Ambulant"):
            letters.prepare_all([roving], by=agent, now=now)

    def test_so_many_and_no_more(self, town, agent, now):
        with pytest.raises(WorkflowError, match="au moins un"):
            letters.prepare_all([], by=agent, now=now)
        with pytest.raises(WorkflowError, match="200 commerces"):
            letters.prepare_all([make_listing("Zinc", town)] * 201, by=agent, now=now)


class TestMail:
    def test_each_gets_one_or_it_is_said_why_not(self, town, agent, now):
        shops = [make_listing(f"N{n}", town, email=f"n{n}@example.fr") for n in range(2)]
        mute = make_listing("Muet", town)
        batch = letters.send_all([*shops, mute], by=agent, now=now)
        assert batch.made == 2
        ((shop, sentence),) = batch.left_out
        assert shop == mute and "adresse électronique" in sentence
        assert {to for mail in Email.objects.all() for to in mail.to} == {
            "n0@example.fr", "n1@example.fr",
        }  # fmt: skip

    def test_a_second_click_sends_nothing(self, town, agent, now):
        shop = make_listing("Zinc", town, email="z@example.fr")
        letters.send_all([shop], by=agent, now=now)
        again = letters.send_all([shop], by=agent, now=now + timedelta(seconds=2))
        assert again.made == 0 and "attendez un jour" in again.left_out[0][1]
        assert Email.objects.count() == 1

    def test_nobody_who_objected(self, town, agent, now):
        shop = make_listing("Zinc", town, email="z@example.fr", siret="73282932000074")
        make_objection(shop, now)
        assert letters.send_all([shop], by=agent, now=now).made == 0
        assert not Email.objects.exists()
