"""Acting for a merchant: drafts on behalf, who may write what, and when it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from merchants.models import Commune, HistoryEntry, Proposal, Shop, ShopMember
from merchants.models.commune import EditPolicy
from merchants.models.history import Capacity
from merchants.models.role import RoleKind
from merchants.models.shop import Confirmer
from merchants.workflow import WorkflowError, members, proposals, registration, status
from merchants.workflow.edit import edit_listing, pending_proposal, reviewed_fields
from merchants.workflow.helping import (
    create_draft,
    held_back,
    helped_communes,
    helped_shops,
    helps,
)
from merchants.workflow.history import locked
from merchants.workflow.listing import update_listing
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Le Fournil", description="Du pain")


@pytest.fixture
def working(shop, now):
    """`working("helper")` works for the town hall of the shop."""

    def working(role: str, commune: Commune | None = None):
        user = make_user()
        give_role(user, commune or shop.commune, role=RoleKind(role), by=None, now=now)
        return user

    return working


@pytest.fixture
def edit(shop, now):
    def edit(by, **changes):
        return edit_listing(shop, changes, by=by, expected_version=None, now=now)

    return edit


def held() -> Shop:
    return Shop.objects.get(name="Le Fournil")


class TestDrafts:
    @pytest.mark.parametrize("role", ["helper", "agent", "referent"])
    def test_is_nobodys_and_says_who_wrote_it(self, shop, working, now, role):
        person = working(role)
        draft = create_draft(shop.commune, "  Chez   Léa ", by=person, now=now)
        draft = Shop.objects.get(pk=draft.pk)
        assert (draft.name, draft.status, draft.on_behalf) == ("Chez Léa", "draft", True)
        assert not ShopMember.objects.filter(shop=draft).exists()
        entry = HistoryEntry.objects.get(shop=draft)
        capacity = Capacity.HELPER if role == "helper" else Capacity.TOWN_HALL
        assert (entry.action, entry.by, entry.capacity) == ("create", person, capacity)

    def test_a_second_click_finds_the_first_ones(self, shop, working, now):
        helper = working("helper")
        first = create_draft(shop.commune, "Chez Léa", by=helper, now=now)
        again = create_draft(shop.commune, "Chez Léa", by=helper, now=now + timedelta(seconds=2))
        assert first.pk == again.pk

    def test_needs_a_role_in_that_commune(self, shop, working, now):
        garches = make_commune("Garches")
        for by in (make_user(), make_member(shop), working("helper", garches)):
            with pytest.raises(WorkflowError, match="ne permet pas"):
                create_draft(shop.commune, "Chez Léa", by=by, now=now)

    def test_a_helper_sends_it_and_publishes_nothing(self, working, now):
        draft = make_shop("Le Fournil", status="draft")
        helper = working("helper", draft.commune)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            status.publish(draft, by=helper, now=now)
        assert status.submit(draft, by=helper, now=now).status == "pending"
        with pytest.raises(WorkflowError, match="ne permet pas"):
            status.publish(draft, by=helper, now=now)


class TestEdits:
    def test_a_helper_proposes_what_merchants_propose(self, shop, working, edit):
        helper = working("helper")
        came = edit(helper, name="Autre", description="Du pain bio")
        assert (held().description, list(came.proposed)) == ("Du pain bio", ["name"])
        assert pending_proposal(shop).by == helper

    @pytest.mark.parametrize("role", ["agent", "referent"])
    def test_an_agent_writes_at_once(self, shop, working, edit, role):
        came = edit(working(role), name="Autre", description="Du pain bio")
        assert set(came.live) == {"name", "description"} and not came.proposed
        assert Shop.objects.get().name == "Autre"

    def test_nor_is_an_agent_held_back_by_the_policy(self, shop, working, edit):
        Commune.objects.update(edit_policy=EditPolicy.VALIDATION)
        shop = Shop.objects.get()
        assert "hours" in reviewed_fields(shop) == reviewed_fields(shop, Capacity.HELPER)
        assert reviewed_fields(shop, Capacity.TOWN_HALL) == frozenset()
        assert edit(working("agent"), description="Neuf").live

    def test_an_agent_accepts_what_he_saves_of_a_helpers_proposal(self, shop, working, edit):
        edit(working("helper"), name="Autre")
        edit(working("agent"), name="Autre")
        assert Shop.objects.get().name == "Autre"
        assert pending_proposal(shop) is None

    def test_a_helper_does_not_write_where_somebody_keeps_the_listing(self, shop, working, edit):
        make_member(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            edit(working("helper"), description="Neuf")

    def test_who_acts_takes_a_proposal_back_until_somebody_keeps_the_listing(
        self, shop, working, edit, now
    ):
        helper = working("helper")
        edit(helper, name="Autre")
        proposals.withdraw(Proposal.objects.get(), by=helper, now=now)
        assert pending_proposal(shop) is None
        edit(helper, name="Autre")
        make_member(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            proposals.withdraw(pending_proposal(shop), by=helper, now=now)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            proposals.withdraw(pending_proposal(shop), by=make_user(), now=now)


class TestOnBehalf:
    @pytest.mark.parametrize("role", ["helper", "agent"])
    def test_what_the_town_hall_writes_says_so(self, working, edit, role):
        edit(working(role), description="Neuf")
        assert held().on_behalf

    def test_what_changes_nothing_or_is_proposed_does_not(self, working, edit):
        helper = working("helper")
        edit(helper, description="Du pain")
        edit(helper, name="Autre")
        assert not held().on_behalf

    def test_what_merchants_write_does_not(self, shop, edit):
        edit(make_member(shop), description="Neuf")
        edit(None, description="Du site")
        assert not held().on_behalf

    def test_nor_does_an_agent_where_somebody_keeps_the_listing(self, shop, working, edit):
        make_member(shop)
        edit(working("agent"), description="Neuf")
        assert not held().on_behalf

    def test_a_helpers_proposal_does_once_it_is_public(self, shop, working, edit, now):
        edit(working("helper"), name="Autre")
        assert not Shop.objects.get().on_behalf
        proposals.accept(Proposal.objects.get(), by=working("agent"), now=now)
        assert Shop.objects.get().on_behalf

    def test_a_merchants_proposal_does_not_once_he_has_left(self, shop, working, edit, now):
        owner = make_member(shop)
        edit(owner, name="Autre")
        ShopMember.objects.all().delete()
        proposals.accept(Proposal.objects.get(), by=working("agent"), now=now)
        assert not Shop.objects.get().on_behalf

    def test_nor_does_a_helpers_where_somebody_keeps_the_listing(self, shop, working, edit, now):
        edit(working("helper"), name="Autre")
        make_member(shop)
        proposals.accept(Proposal.objects.get(), by=working("agent"), now=now)
        assert not Shop.objects.get().on_behalf

    def test_what_is_written_in_the_back_office_does(self, shop, working, now):
        agent = working("agent")
        assert make_shop("Nouveau", by=agent).on_behalf
        assert not make_shop("Importé").on_behalf
        same = replace(Listing.of(locked(shop)), description="Du pain")
        update_listing(shop, same, by=agent, now=now)
        assert not held().on_behalf
        update_listing(shop, replace(same, description="Neuf"), by=None, now=now)
        assert not held().on_behalf
        update_listing(shop, replace(same, description="Corrigé"), by=agent, now=now)
        assert held().on_behalf and shop.on_behalf

    def test_nor_what_is_corrected_there_for_merchants(self, shop, working, now):
        make_member(shop)
        other = replace(Listing.of(locked(shop)), description="Corrigé")
        update_listing(shop, other, by=working("agent"), now=now)
        assert not held().on_behalf

    @pytest.fixture
    def written(self, shop, working, edit):
        edit(working("helper"), description="Neuf")
        return Commune.objects.get().version

    def test_ends_when_somebody_keeps_the_listing(self, shop, written, now):
        owner = make_user()
        members.add_member(shop, owner, by=None, now=now)
        assert not held().on_behalf and not shop.on_behalf
        assert Commune.objects.get().version > written

    def test_ends_when_the_merchant_confirms(self, shop, written, now):
        status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=now)
        assert not held().on_behalf
        assert Commune.objects.get().version > written

    @pytest.mark.parametrize("as_", [Confirmer.TOWN_HALL, Confirmer.TOWN_HALL_BY_PHONE])
    def test_not_when_the_town_hall_does(self, shop, written, working, now, as_):
        status.confirm(shop, by=working("helper"), as_=as_, now=now)
        assert held().on_behalf

    def test_a_locked_row_is_told_too(self, shop, written, now):
        row = locked(shop)
        members.add_member(row, make_user(), by=None, now=now)
        assert not row.on_behalf


class TestInFlight:
    """The merchant arrives between a helper's page and its button."""

    @pytest.fixture
    def draft(self, shop, working, now):
        draft = create_draft(shop.commune, "Chez Léa", by=working("helper"), now=now)
        Shop.objects.filter(pk=draft.pk).update(main_category=shop.main_category, street="rue X")
        return draft

    def test_a_helper_confirms_nothing(self, shop, working, now):
        helper = working("helper")
        make_member(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            status.confirm(shop, by=helper, as_=Confirmer.TOWN_HALL, now=now)
        assert held().confirmed_at is None

    @pytest.mark.parametrize("role", ["helper", "agent"])
    def test_nobody_sends_or_discards_for_him(self, draft, working, now, role):
        person = working(role, draft.commune)
        make_member(draft)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            registration.send(draft, by=person, now=now, terms=registration.TERMS_VERSION)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            registration.discard(draft, by=person, now=now)
        assert Shop.objects.get(pk=draft.pk).status == "draft"

    def test_nor_asks_a_helper_for_publication(self, draft, working, now):
        helper = working("helper", draft.commune)
        make_member(draft)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            status.submit(draft, by=helper, now=now)


class TestConfirmedDraft:
    """A code has confirmed it, and nobody keeps it: it is the helper's to finish, or to drop."""

    @pytest.fixture
    def draft(self, shop, working, now):
        draft = create_draft(shop.commune, "Chez Léa", by=working("helper"), now=now)
        return status.confirm(draft, by=None, as_=Confirmer.MERCHANT, now=now)

    def test_stands_among_the_drafts(self, draft):
        assert not draft.on_behalf
        mine = registration.begin(
            Listing(commune=draft.commune, name="À moi", main_category=None),
            by=make_user(),
            now=NOW,
        )
        assert list(Shop.objects.drafts_on_behalf()) == [draft]
        # Nor is what a merchant began, whose account is gone, the town hall's.
        ShopMember.objects.filter(shop=mine).delete()
        assert list(Shop.objects.drafts_on_behalf()) == [draft]

    def test_is_discarded_by_a_helper(self, draft, working, now):
        registration.discard(draft, by=working("helper", draft.commune), now=now)
        assert not Shop.objects.filter(pk=draft.pk).exists()

    def test_is_purged(self, draft, now):
        late = now + registration.DRAFT_KEPT + timedelta(seconds=1)
        assert registration.purge_drafts(now=late) == 1


class TestHeldBack:
    def test_the_last_reason(self, shop, working, now):
        agent = working("agent")
        assert held_back(shop) == ""
        status.suspend(shop, by=agent, now=now, reason="Travaux")
        assert held_back(shop) == "Travaux"
        status.reopen(shop, by=agent, now=now)
        assert held_back(shop) == ""


class TestWhere:
    def test_the_communes_of_ones_roles(self, shop, working, now):
        helper, garches = working("helper"), make_commune("Garches")
        give_role(helper, garches, role=RoleKind.AGENT, by=None, now=now)
        make_commune("Rueil")
        assert list(helped_communes(helper)) == [garches, shop.commune]
        assert helps(helper) and not helps(make_user())

    def test_administrators_act_wherever_there_are_shops(self, shop):
        make_commune("Rueil")
        admin = make_user(is_superuser=True)
        assert list(helped_communes(admin)) == [shop.commune]
        assert helps(admin)

    def test_the_listings_that_nobody_keeps(self, shop):
        make_member(make_shop("Tenu", commune=shop.commune))
        make_shop("Fini", commune=shop.commune, status="closed")
        make_shop("Loin", commune=make_commune("Garches"))
        draft = make_shop("Début", commune=shop.commune, status="draft")
        assert set(helped_shops(shop.commune)) == {shop, draft}
