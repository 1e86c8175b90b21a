from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from post_office.models import Email

from merchants.models import Commune, HistoryEntry, Proposal, Shop, ShopStatus
from merchants.models.shop import FAREWELL, Confirmer
from merchants.workflow import WorkflowError, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.factories import make_commune, make_member, make_shop, make_user
from tests.merging import make_in_state

pytestmark = pytest.mark.django_db

LEGAL = {
    ("draft", "submit"): "pending",
    ("refused", "submit"): "pending",
    ("to_correct", "submit"): "pending",
    ("draft", "publish"): "published",
    ("pending", "publish"): "published",
    ("refused", "publish"): "published",
    ("to_correct", "publish"): "published",
    ("pending", "refuse"): "refused",
    ("pending", "ask_change"): "to_correct",
    ("published", "suspend"): "suspended",
    ("suspended", "reopen"): "published",
    ("closed", "reopen"): "published",
    ("pending", "withdraw"): "draft",
    ("published", "close"): "closed",
    ("suspended", "close"): "closed",
}


# Merging takes two listings: tests/workflow/test_merging.py.
MOVES = [name for name in status.TRANSITIONS if name != "merge"]
# What a move needs besides a person and a moment.
NEEDED = {
    "refuse": {"reason": "Pas dans la commune."},
    "ask_change": {"reason": "Donnez l’adresse exacte."},
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("before", ShopStatus.values)
def test_every_move_from_every_state(before, move, now):
    shop = make_in_state("Le Fournil", status=before)
    commune = Commune.objects.get()
    act = partial(getattr(status, move), **NEEDED.get(move, {}))
    after = LEGAL.get((before, move))
    assert (move in status.allowed(shop)) == (after is not None)
    if after is None:
        with pytest.raises(WorkflowError, match="Le Fournil"):
            act(shop, by=None, now=now)
        assert Shop.objects.get(pk=shop.pk).status == before
    else:
        act(shop, by=None, now=now)
        assert Shop.objects.get(pk=shop.pk).status == shop.status == after
    seen = after is not None and "published" in {before, after}
    assert Commune.objects.get().version - commune.version == seen


def test_what_was_never_validated_cannot_come_out_through_closing(now):
    shop = make_shop(status="draft")
    with pytest.raises(WorkflowError):
        status.close(shop, by=None, now=now)
    with pytest.raises(WorkflowError):
        status.reopen(shop, by=None, now=now)
    assert Shop.objects.get().status == "draft"


def test_of_two_people_who_act_at_once_one_is_told(now):
    shop = make_shop(status="pending")
    copy = Shop.objects.get()
    status.publish(shop, by=None, now=now)
    with pytest.raises(WorkflowError, match="publié"):
        status.refuse(copy, by=None, now=now, reason="Non.")


@pytest.mark.parametrize("move", ["publish", "refuse", "ask_change"])
def test_nothing_is_decided_on_a_page_that_is_not_the_last_one(move, now):
    shop = make_shop(status="pending")
    seen = shop.version
    status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=now)
    act = partial(getattr(status, move), shop, by=None, now=now, **NEEDED.get(move, {}))
    with pytest.raises(WorkflowError, match="modifiée pendant que vous la lisiez"):
        act(expected_version=seen)
    assert Shop.objects.get().status == "pending"
    act(expected_version=shop.version)
    assert Shop.objects.get().status != "pending"


def test_a_shop_cannot_come_back_under_a_siret_that_another_has(now):
    commune = make_commune()
    gone = make_shop(commune=commune, siret="73282932000074", status="closed")
    make_shop(commune=commune, siret="73282932000074")
    with pytest.raises(WorkflowError, match="Une autre fiche porte déjà ce SIRET"):
        status.reopen(gone, by=None, now=now)
    assert Shop.objects.get(pk=gone.pk).status == "closed"


def test_confirm_says_who_when_and_in_what_capacity(now):
    shop, person = make_shop(), make_user()
    give_role(person, shop.commune, role="agent", by=None, now=now)
    version = Commune.objects.get().version
    status.confirm(shop, by=person, as_=Confirmer.TOWN_HALL_BY_PHONE, now=now)
    shop = Shop.objects.get()
    assert (shop.confirmed_at, shop.confirmed_as, shop.confirmed_by) == (
        now,
        Confirmer.TOWN_HALL_BY_PHONE,
        person,
    )
    assert Commune.objects.get().version == version + 1


MOVES_OF = {
    "owner": {"submit", "withdraw", "reopen", "close"},
    "colleague": {"submit"},
    "helper": {"submit", "withdraw"},
    "agent": set(MOVES),
    "stranger": set(),
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("who", MOVES_OF)
def test_every_move_by_every_person(who, move, now):
    source = sorted(status.TRANSITIONS[move].sources)[0]
    shop = make_shop(status="published" if source == "closed" else source)
    person = make_user()
    if who in {"owner", "colleague"}:
        make_member(shop, person, role=who)
    elif who != "stranger":
        give_role(person, shop.commune, role=who, by=None, now=now)
    if source == "closed":
        status.close(shop, by=make_member(shop), now=now)
    act = partial(getattr(status, move), **NEEDED.get(move, {}))
    if move in MOVES_OF[who]:
        act(shop, by=person, now=now)
        entry = HistoryEntry.objects.filter(shop=shop).first()
        assert (entry.action, entry.by) == (move, person)
        assert entry.changes["status"] == [source, shop.status]
    else:
        with pytest.raises(WorkflowError, match="ne permet pas cette action"):
            act(shop, by=person, now=now)
        assert Shop.objects.get().status == source


def test_the_reason_stands_in_the_history(now):
    shop = make_shop(status="pending")
    status.refuse(shop, by=None, now=now, reason="Pas dans la commune.")
    entry = HistoryEntry.objects.first()
    assert (entry.reason, entry.capacity) == ("Pas dans la commune.", "system")


class TestClosing:
    def test_says_goodbye_and_takes_the_proposal_back(self, now):
        shop = make_shop("Le Fournil")
        owner = make_member(shop)
        edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=now)
        version = Shop.objects.get().version
        for _click in range(2):
            status.close(
                shop, by=owner, now=now, farewell=" Merci ! ", successor="Chez Paul",
                expected_version=version,
            )  # fmt: skip
        shop = Shop.objects.get()
        assert (shop.status, shop.closed_at, shop.farewell) == ("closed", now, "Merci !")
        assert Proposal.objects.get().status == "withdrawn"
        assert HistoryEntry.objects.filter(action="close").count() == 1
        assert shop.says_goodbye(now + FAREWELL - timedelta(seconds=1))
        assert not shop.says_goodbye(now + FAREWELL)

    def test_what_residents_never_saw_says_no_goodbye(self, now):
        shop = make_shop(status="suspended")
        status.close(shop, by=None, now=now)
        assert Shop.objects.get().closed_at is None

    def test_an_owner_comes_back_while_the_page_says_goodbye(self, now):
        shop = make_shop()
        owner = make_member(shop)
        status.close(shop, by=owner, now=now, farewell="Merci !")
        with pytest.raises(WorkflowError, match="Le temps de rouvrir vous-même est passé"):
            status.reopen(shop, by=owner, now=now + FAREWELL)
        version = Shop.objects.get().version
        for _click in range(2):
            status.reopen(shop, by=owner, now=now, expected_version=version)
        shop = Shop.objects.get()
        assert (shop.status, shop.closed_at, shop.farewell) == ("published", None, "")

    def test_what_the_town_hall_closed_it_alone_reopens(self, now):
        shop = make_shop()
        owner, agent = make_member(shop), make_user(is_superuser=True)
        status.close(shop, by=agent, now=now)
        with pytest.raises(WorkflowError, match="La mairie a fermé cette fiche\xa0: elle seule"):
            status.reopen(shop, by=owner, now=now)
        status.reopen(shop, by=agent, now=now)
        status.close(shop, by=owner, now=now)
        assert status.reopen(shop, by=owner, now=now).status == "published"

    def test_an_old_page_does_not_say_that_it_is_done(self, now):
        shop = make_shop()
        owner = make_member(shop)
        old = Shop.objects.get().version
        status.close(shop, by=owner, now=now)
        closed = Shop.objects.get().version
        status.reopen(shop, by=owner, now=now)
        assert status.close(shop, by=owner, now=now, expected_version=old).status == "closed"
        assert status.reopen(shop, by=owner, now=now, expected_version=closed).status == "published"

    def test_what_the_town_hall_suspended_it_alone_reopens(self, now):
        shop = make_shop(status="suspended")
        with pytest.raises(WorkflowError, match="elle seule peut la rouvrir"):
            status.reopen(shop, by=make_member(shop), now=now)

    def test_a_word_too_long_is_refused(self, now):
        with pytest.raises(WorkflowError, match="trop long"):
            status.close(make_shop(), by=None, now=now, farewell="x" * 601)

    def test_only_what_is_closed_says_goodbye(self, now):
        make_shop()
        with pytest.raises(IntegrityError), transaction.atomic():
            Shop.objects.update(farewell="Adieu")


class TestConfirming:
    def test_what_has_changed_since_is_read_again_first(self, now):
        shop = make_shop()
        owner = make_member(shop)
        version = Shop.objects.get().version
        edit_listing(shop, {"description": "Neuf"}, by=owner, expected_version=None, now=now)
        with pytest.raises(WorkflowError, match="Relisez-la avant de la confirmer"):
            status.confirm(
                shop, by=owner, as_=Confirmer.MERCHANT, now=now, expected_version=version
            )
        assert Shop.objects.get().confirmed_at is None

    def test_what_residents_do_not_see_is_no_change(self, now):
        shop = make_shop()
        owner = make_member(shop)
        version = Shop.objects.get().version
        make_member(shop)
        edit_listing(shop, {"name": "Proposé"}, by=owner, expected_version=None, now=now)
        for _click in range(2):
            status.confirm(
                shop, by=owner, as_=Confirmer.MERCHANT, now=now, expected_version=version
            )
        assert HistoryEntry.objects.filter(action="confirm").count() == 1

    def test_a_closed_shop_has_nothing_to_confirm(self, now):
        with pytest.raises(WorkflowError, match="rien à confirmer"):
            status.confirm(make_shop(status="closed"), by=None, as_=Confirmer.TOWN_HALL, now=now)


class TestLetters:
    """To the owners alone, in the transaction of the move."""

    @pytest.fixture
    def shop(self):
        commune = make_commune(
            town_hall_name="Ville de Suresnes", town_hall_email="commerce@suresnes.example"
        )
        shop = make_shop("Le Fournil", commune=commune, status="pending")
        make_member(shop, email="awa@example.fr")
        make_member(shop, email="paul@example.fr")
        make_member(shop, email="collegue@example.fr", role="colleague")
        return shop

    def letters(self) -> list[Email]:
        found = list(Email.objects.order_by("pk"))
        assert [mail.to for mail in found] == [["awa@example.fr"], ["paul@example.fr"]]
        return found

    def test_published(self, shop, now):
        status.publish(shop, by=None, now=now)
        letter = self.letters()[0]
        assert letter.subject == "Le Fournil est en ligne"
        assert f"http://testserver{shop.get_absolute_url()}" in letter.message
        assert "http://testserver/mon-commerce/" in letter.message

    def test_refused(self, shop, now):
        for reason in ("", "  "):
            with pytest.raises(WorkflowError, match="Dites pourquoi"):
                status.refuse(shop, by=None, now=now, reason=reason)
        with pytest.raises(WorkflowError, match="trop long"):
            status.refuse(shop, by=None, now=now, reason="x" * 501)
        assert not Email.objects.exists()
        status.refuse(shop, by=None, now=now, reason="Pas dans la commune.")
        letter = self.letters()[0]
        assert letter.subject == "Le Fournil\xa0: la mairie n’a pas publié votre fiche"
        for words in (
            "Pas dans la commune.", "http://testserver/mon-commerce/", "tribunal administratif",
            "Ville de Suresnes", "commerce@suresnes.example",
        ):  # fmt: skip
            assert words in letter.message

    def test_asked_for_a_change(self, shop, now):
        for reason in ("", "  "):
            with pytest.raises(WorkflowError, match="Dites pourquoi"):
                status.ask_change(shop, by=None, now=now, reason=reason)
        status.ask_change(shop, by=None, now=now, reason="Donnez l’adresse exacte.")
        letter = self.letters()[0]
        assert letter.subject == "Le Fournil\xa0: la mairie demande une correction"
        assert "Donnez l’adresse exacte." in letter.message
        assert "http://testserver/mon-commerce/" in letter.message
        assert "tribunal" not in letter.message and "publié" not in letter.message

    def test_says_what_was_corrected(self, shop, now):
        status.publish(shop, by=None, now=now, corrected={"name": ["LE FOURNIL", "Le Fournil"]})
        assert "La mairie a corrigé ceci" in self.letters()[0].message
        assert "- Nom\xa0: Le Fournil" in self.letters()[0].message

    def test_the_appeal_goes_to_whom_the_commune_names(self, shop, now):
        Commune.objects.update(appeal_contact="Médiateur de la ville\nmediateur@suresnes.example")
        shop = Shop.objects.get()
        status.refuse(shop, by=None, now=now, reason="Pas dans la commune.")
        assert "Médiateur de la ville\nmediateur@suresnes.example" in self.letters()[0].message
        assert "commerce@suresnes.example" not in self.letters()[0].message

    @pytest.mark.parametrize("reason", ["Adresse fausse.", ""])
    def test_suspended_and_back(self, shop, now, reason):
        Shop.objects.update(status="published")
        status.suspend(shop, by=None, now=now, reason=reason)
        letter = self.letters()[0]
        assert letter.subject == "Le Fournil\xa0: la mairie a suspendu votre fiche"
        assert ("Pourquoi" in letter.message) is bool(reason)
        Email.objects.all().delete()
        status.reopen(shop, by=None, now=now)
        assert self.letters()[0].subject == "Le Fournil est en ligne"

    def test_where_nobody_keeps_it_nobody_is_told(self, now):
        status.publish(make_shop(status="pending"), by=None, now=now)
        assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("fields", "is_private"),
    [({}, True), ({"source": "osm"}, False), ({"on_behalf": True}, False)],
)
@pytest.mark.parametrize("is_gone", [False, True])
def test_what_a_merchant_has_only_begun_is_not_published(now, fields, is_private, is_gone):
    shop = make_shop(status="draft")
    merchant = make_member(shop)
    Shop.objects.update(**fields)
    if is_gone:
        merchant.delete()
    assert Shop.objects.without_private_drafts().exists() is not is_private
    if is_private:
        with pytest.raises(WorkflowError, match="cette action ne s’y applique pas"):
            status.publish(shop, by=None, now=now)
    else:
        status.publish(shop, by=None, now=now)
    assert Shop.objects.get().status == ("draft" if is_private else "published")


def test_a_draft_without_an_activity_goes_nowhere(now):
    shop = make_shop(status="draft")
    Shop.objects.update(main_category=None)
    for move in (status.submit, status.publish):
        with pytest.raises(WorkflowError, match="Choisissez d’abord l’activité"):
            move(shop, by=None, now=now)
