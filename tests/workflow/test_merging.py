"""Two listings that are one shop's, and two again."""

from datetime import date, timedelta

import pytest
from post_office.models import Email

from merchants.models import (
    AccessCode,
    Call,
    Claim,
    Commune,
    HistoryEntry,
    Invitation,
    Photo,
    Proposal,
    Report,
    Shop,
    SireneCase,
)
from merchants.models.history import Action
from merchants.models.shop import Confirmer
from merchants.opening_hours import HolidayRule
from merchants.workflow import WorkflowError, closures, codes, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.listing import update_listing
from merchants.workflow.members import add_member, invite
from merchants.workflow.merging import FIELDS, better, differing, merge, unmerge
from merchants.workflow.photos import MOST_PHOTOS
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing, plain
from tests.claiming import make_claim
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user
from tests.merging import merge_both

pytestmark = pytest.mark.django_db

SIRET, OTHER_SIRET = "73282932000074", "55208131766522"
LATER = NOW + timedelta(hours=1)
ALL = dict.fromkeys(FIELDS, "other")


@pytest.fixture
def commune():
    return make_commune()


@pytest.fixture
def agent(commune):
    user = make_user()
    give_role(user, commune, role="agent", by=None, now=NOW)
    return user


@pytest.fixture
def kept(commune):
    return make_shop("Le Fournil", commune=commune, phone="+33147510102")


@pytest.fixture
def other(commune):
    return make_shop(
        "Boulangerie du Fournil",
        commune=commune,
        category=make_category("Pâtisserie"),
        siret=SIRET,
        phone="+33147510203",
        street="rue de la Paix",
        hours="Tu-Sa 07:00-19:00",
        holiday_rule=HolidayRule.CLOSED,
        services=["livraison"],
        website="https://fournil.example.fr",
        description="Du pain.",
    )


def add_photos(shop, *alts):
    for position, alt in enumerate(alts):
        Photo.objects.create(
            shop=shop, stem=f"photos/{shop.pk}-{alt}/photo", widths=[320], width=320, height=200,
            alt=alt, position=position,
        )  # fmt: skip


def alts(shop):
    return list(Photo.objects.filter(shop=shop).values_list("alt", flat=True))


def people(shop):
    return {member.user: member.role for member in shop.members.select_related("user")}


def values(shop):
    return plain(Listing.of(Shop.objects.get(pk=shop.pk)))


def state(shop):
    """All columns but those that every write raises."""
    row = Shop.objects.filter(pk=shop.pk).values().get()
    return {name: row[name] for name in row.keys() - {"version", "updated_at", "search_text"}}


class TestValues:
    def test_field_by_field(self, kept, other):
        before, theirs = values(kept), values(other)
        merge_both(kept, other, siret="other", hours="other", activity="kept", name="kept")
        after = values(kept)
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"siret", "hours", "holiday_rule"}
        assert all(after[name] == theirs[name] for name in changed)
        assert values(other) == theirs
        gone = Shop.objects.get(pk=other.pk)
        assert (gone.status, gone.merged_into) == ("merged", kept)

    @pytest.mark.parametrize("name", FIELDS)
    def test_each_of_them(self, commune, kept, other, name):
        closures.add_holiday(other, date(2026, 12, 1), date(2026, 12, 9), by=None, now=NOW)
        own = {
            "service_area": "Suresnes", "shop_url": "https://shop.example.fr",
            "email": "fournil@example.fr", "social_links": ("https://social.example.fr/fournil",),
            "step_free": "yes", "payment_means": ("cards",),
        }  # fmt: skip
        edit_listing(other, own, by=None, expected_version=None, now=NOW)
        before, theirs = values(kept), values(other)
        merge_both(kept, other, **{name: "other"})
        after = values(kept)
        assert {part: after[part] for part in FIELDS[name]} == {
            part: theirs[part] for part in FIELDS[name]
        }
        rest = before.keys() - set(FIELDS[name])
        assert {part: after[part] for part in rest} == {part: before[part] for part in rest}
        assert before != after

    def test_all_of_them(self, kept, other):
        theirs = values(other)
        merge_both(kept, other, **ALL)
        assert values(kept) == theirs
        assert Shop.objects.matching("patisserie livraison paix").get(status="published") == kept

    def test_what_is_the_same_is_no_choice(self, kept, other):
        names = differing(Listing.of(kept), Listing.of(other))
        assert names == [
            "name", "activity", "siret", "place", "hours", "services", "description", "phone",
            "website",
        ]  # fmt: skip

    def test_the_history_of_each_names_the_other(self, kept, other, agent):
        merge_both(kept, other, by=agent, siret="other")
        entries = [shop.history.first() for shop in (kept, other)]
        assert [(e.action, e.by, e.capacity) for e in entries] == [
            ("merge", agent, "town_hall")
        ] * 2
        assert "Boulangerie du Fournil" in entries[0].note
        assert "Le Fournil" in entries[1].note
        assert entries[0].changes == {"siret": ["", SIRET]}
        assert entries[1].changes["status"] == ["published", "merged"]
        assert [e.action for e in other.history.all()] == ["merge", "create"]

    def test_the_pages_are_renewed(self, kept, other):
        version = Commune.objects.get().version
        merge_both(kept, other)
        assert Commune.objects.get().version > version

    def test_written_for_a_merchant_who_is_not_there(self, kept, other, agent):
        merge_both(kept, other, by=agent)
        assert not Shop.objects.get(pk=kept.pk).on_behalf
        third = make_shop("Fournil", commune=kept.commune)
        merge_both(kept, third, by=agent, name="other")
        assert Shop.objects.get(pk=kept.pk).on_behalf


class TestConfirmation:
    def confirmed(self, shop, at):
        status.confirm(shop, by=None, as_=Confirmer.TOWN_HALL, now=at)

    @pytest.mark.parametrize(
        ("kept_at", "other_at", "choices", "expected"),
        [
            (NOW, LATER, {}, NOW),
            (NOW, LATER, {"siret": "other"}, NOW),
            (NOW, LATER, ALL, LATER),
            (LATER, NOW, ALL, LATER),
            (None, NOW, ALL, NOW),
            (None, NOW, {"siret": "other"}, None),
        ],
    )
    def test_vouches_for_all_values_or_is_left(
        self, kept, other, kept_at, other_at, choices, expected
    ):
        for shop, at in ((kept, kept_at), (other, other_at)):
            if at:
                self.confirmed(shop, at)
        merge_both(kept, other, **choices)
        assert Shop.objects.get(pk=kept.pk).confirmed_at == expected


class TestWhatHangsOnThem:
    def test_photos_up_to_the_limit(self, kept, other):
        add_photos(kept, "a", "b", "c", "d")
        add_photos(other, "e", "f", "g")
        merge_both(kept, other)
        assert alts(kept) == list("abcdef")
        assert len(alts(kept)) == MOST_PHOTOS
        assert alts(other) == ["g"]
        assert kept.history.first().changes["photos"] == [list("abcd"), list("abcdef")]
        assert Photo.objects.get(alt="e").stem == f"photos/{other.pk}-e/photo"

    def test_people(self, kept, other):
        awa, paul, zoe = make_user(name="Awa"), make_user(), make_user()
        make_member(kept, awa)
        make_member(kept, paul, role="colleague")
        make_member(other, paul)
        make_member(other, zoe, role="colleague")
        make_member(other, awa, role="colleague")
        merge_both(kept, other)
        assert people(kept) == {awa: "owner", paul: "owner", zoe: "colleague"}
        assert people(other) == {}
        told = {mail.to[0]: mail for mail in Email.objects.all()}
        assert set(told) == {awa.email, paul.email, zoe.email}
        assert "Boulangerie du Fournil" in told[zoe.email].message
        assert "une seule" not in told[zoe.email].subject
        assert "http://testserver/mon-commerce/" in told[zoe.email].message

    def test_what_waits(self, kept, other, agent):
        owner = make_member(kept)
        invite(kept, "deux@example.fr", by=owner, now=NOW)
        claimant, double = make_user(), make_user()
        claims = [
            make_claim(kept, double),
            make_claim(other, double),
            make_claim(other, claimant),
        ]
        codes.issue(other, channel="in_person", by=None, now=NOW)
        report = Report.objects.create(shop=other, kind="hours", at=NOW)
        handled = Report.objects.create(
            shop=other, kind="hours", at=NOW, status="handled", decided_at=NOW
        )
        call = Call.objects.create(shop=other, at=NOW, outcome="no_answer")
        case = SireneCase.objects.create(
            commune=other.commune, kind="closed", shop=other, siret=SIRET, found_at=NOW
        )
        Email.objects.all().delete()
        merge_both(kept, other, by=agent)
        rows = [AccessCode.objects.get(), report, call, case]
        for row in rows:
            row.refresh_from_db()
            assert row.shop == kept
        handled.refresh_from_db()
        assert handled.shop == other
        assert [(c.shop, c.status) for c in Claim.objects.order_by("pk")] == [
            (kept, "waiting"), (other, "withdrawn"), (kept, "waiting"),
        ]  # fmt: skip
        assert claims[0].pk in Claim.objects.waiting().values_list("pk", flat=True)
        # The owner is asked about the one he did not know, and is told of the merge.
        assert [mail.to for mail in Email.objects.all()] == [[owner.email]] * 2

    def test_a_claimant_who_keeps_it_now_claims_no_more(self, kept, other):
        owner = make_member(other)
        make_claim(kept, owner)
        merge_both(kept, other)
        assert Claim.objects.get().status == "withdrawn"
        assert people(kept) == {owner: "owner"}

    def test_invitations(self, kept, other):
        awa, paul = make_member(kept), make_member(other)
        for shop, by, email in (
            (kept, awa, "un@example.fr"), (other, paul, "UN@example.fr"),
            (other, paul, "trois@example.fr"), (other, paul, awa.email),
        ):  # fmt: skip
            invite(shop, email, by=by, now=NOW)
        merge_both(kept, other)
        left = Invitation.objects.filter(shop=kept).order_by("email")
        assert [each.email for each in left] == ["trois@example.fr", "un@example.fr"]

    def test_the_proposal_of_the_other(self, kept, other, agent):
        owner = make_member(other)
        edit_listing(other, {"name": "Le Levain"}, by=owner, expected_version=None, now=NOW)
        merge_both(kept, other, by=agent)
        proposal = Proposal.objects.get()
        assert (proposal.status, proposal.decided_by) == ("withdrawn", agent)

    def test_what_was_merged_into_the_other(self, kept, other):
        third = make_shop("Fournil", commune=kept.commune)
        merge_both(other, third)
        merge_both(kept, other)
        assert set(kept.merged.all()) == {other, third}

    @pytest.mark.parametrize("name", ["draft", "pending", "refused"])
    def test_residents_go_on_seeing_the_shop(self, commune, other, name):
        kept = make_shop("Le Fournil", commune=commune, status=name, siret=OTHER_SIRET)
        owner = make_member(kept) if name != "draft" else None
        merge_both(kept, other)
        assert Shop.objects.get(pk=kept.pk).status == kept.status == "published"
        assert kept.history.first().action == Action.PUBLISH
        if owner:
            assert Email.objects.count() == 2

    def test_a_draft_without_category(self, commune, kept):
        draft = make_shop("Fournil", commune=commune, status="draft", source="osm")
        draft.categories.clear()
        Shop.objects.filter(pk=draft.pk).update(main_category=None)
        merge_both(kept, draft)
        assert Shop.objects.get(pk=draft.pk).status == "merged"

    def test_a_draft_is_deleted_with_what_was_merged_into_it(self, commune):
        from merchants.workflow import registration

        both = [make_shop(n, commune=commune, status="draft") for n in ("Un", "Deux")]
        Shop.objects.update(on_behalf=True)
        merge_both(*both)
        registration.discard(both[0], by=make_user(is_superuser=True), now=NOW)
        assert not Shop.objects.exists()


class TestRefusals:
    PEOPLE = {
        "agent": True, "referent": True, "helper": False, "superuser": True, "stranger": False,
        "agent of one alone": False, "agent who owns one": False, "owner": False,
    }  # fmt: skip

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may(self, commune, kept, other, who):
        person = make_user(is_superuser=who == "superuser")
        if who == "agent of one alone":
            elsewhere = make_commune("Garches")
            other = make_shop("Le Fournil", commune=elsewhere)
        if "own" in who:
            make_member(other, person)
        if who.split()[0] in {"agent", "referent", "helper"}:
            give_role(person, commune, role=who.split()[0], by=None, now=NOW)
        for act, undone in ((merge_both, False), (unmerge, True)):
            pair = (other,) if undone else (kept, other)
            if self.PEOPLE[who]:
                act(*pair, by=person, now=NOW)
                continue
            with pytest.raises(WorkflowError, match="ne permet pas"):
                act(*pair, by=person, now=NOW)
            if not undone:
                merge_both(kept, other)

    def test_of_two_communes_by_who_works_for_both(self, kept, agent):
        elsewhere = make_commune("Garches")
        give_role(agent, elsewhere, role="agent", by=None, now=NOW)
        other = make_shop("Fournil", commune=elsewhere, street="rue de la Gare")
        assert "place" not in differing(Listing.of(kept), Listing.of(other))
        merge_both(kept, other, by=agent, **ALL)
        kept.refresh_from_db()
        assert (kept.name, kept.street, kept.commune.name) == ("Fournil", "", "Suresnes")

    @pytest.mark.parametrize(
        ("kept_is", "other_is", "sentence"),
        [
            ("closed", "published", "a fermé définitivement"),
            ("closed", "pending", "a fermé définitivement"),
            ("suspended", "published", "est suspendue"),
            ("published", "merged", "déjà réunie"),
            ("closed", "closed", None),
            ("suspended", "pending", None),
            ("published", "closed", None),
        ],
    )
    def test_states(self, commune, kept_is, other_is, sentence):
        from tests.merging import make_in_state

        kept = make_in_state("Le Fournil", commune=commune, status=kept_is)
        other = make_in_state("Le Levain", commune=commune, status=other_is)
        if sentence is None:
            assert merge_both(kept, other).status == kept_is
            return
        with pytest.raises(WorkflowError, match=sentence):
            merge_both(kept, other, by=make_user(is_superuser=True))
        assert Shop.objects.get(pk=kept.pk).status == kept_is

    def test_what_somebody_is_still_registering(self, commune, kept):
        draft = make_shop("Le Fournil", commune=commune, status="draft")
        make_member(draft)
        for pair in ((kept, draft), (draft, kept)):
            with pytest.raises(WorkflowError, match="pas encore envoyée"):
                merge_both(*pair)

    def test_one_with_itself(self, kept):
        with pytest.raises(WorkflowError, match="deux fiches différentes"):
            merge_both(kept, kept)

    def test_an_old_page(self, kept, other, agent):
        seen = (kept.version, other.version)
        edit_listing(other, {"description": "Neuf"}, by=None, expected_version=None, now=NOW)
        with pytest.raises(WorkflowError, match="a changé entre-temps"):
            merge(kept, other, choices={}, by=agent, now=NOW, expected_versions=seen)
        assert not Shop.objects.filter(status="merged").exists()

    def test_two_agents_at_once(self, kept, other, agent):
        colleague = make_user()
        give_role(colleague, kept.commune, role="agent", by=None, now=NOW)
        seen = (kept.version, other.version)
        act = {"choices": {"siret": "other"}, "now": NOW, "expected_versions": seen}
        merge(kept, other, by=agent, **act)
        count = HistoryEntry.objects.count()
        merge(Shop.objects.get(pk=kept.pk), Shop.objects.get(pk=other.pk), by=agent, **act)
        assert HistoryEntry.objects.count() == count
        with pytest.raises(WorkflowError, match="déjà réunie"):
            merge(kept, other, by=colleague, **act)
        with pytest.raises(WorkflowError, match="déjà réunie"):
            merge(other, kept, by=colleague, **act)

    def test_an_unknown_choice(self, kept, other):
        with pytest.raises(WorkflowError, match="Choisissez"):
            merge_both(kept, other, siret="both")

    def test_nobody_writes_a_merged_listing(self, kept, other, agent):
        merge_both(kept, other)
        acts = [
            lambda: edit_listing(
                other, {"phone": ""}, by=agent, expected_version=None, now=NOW
            ),
            lambda: update_listing(other, Listing.of(kept), by=agent, now=NOW),
            lambda: status.confirm(other, by=agent, as_=Confirmer.TOWN_HALL, now=NOW),
            lambda: status.publish(other, by=agent, now=NOW),
            lambda: closures.add_holiday(
                other, date(2026, 12, 1), date(2026, 12, 9), by=agent, now=NOW
            ),
            lambda: codes.issue(other, channel="in_person", by=agent, now=NOW),
            lambda: add_member(other, make_user(), by=agent, now=NOW),
        ]  # fmt: skip
        before = state(other)
        for act in acts:
            with pytest.raises(WorkflowError):
                act()
        assert state(other) == before


class TestUndoing:
    def test_all_is_as_before(self, kept, other, agent):
        add_photos(kept, "a", "b", "c", "d")
        add_photos(other, "e", "f", "g")
        awa, paul, zoe = make_user(), make_user(), make_user()
        make_member(kept, awa)
        make_member(kept, paul, role="colleague")
        make_member(other, paul)
        make_member(other, zoe, role="colleague")
        make_claim(other, make_user())
        codes.issue(other, channel="in_person", by=None, now=NOW)
        Report.objects.create(shop=other, kind="hours", at=NOW)
        closures.add_holiday(kept, date(2026, 12, 1), date(2026, 12, 9), by=None, now=NOW)
        status.confirm(other, by=None, as_=Confirmer.TOWN_HALL, now=LATER)
        before = [(state(s), values(s), alts(s), people(s)) for s in (kept, other)]
        merge_both(kept, other, by=agent, now=LATER, **ALL)
        assert values(kept)["specials"] == []
        Email.objects.all().delete()
        assert unmerge(other, by=agent, now=LATER) == (kept, [])
        assert [(state(s), values(s), alts(s), people(s)) for s in (kept, other)] == before
        assert Claim.objects.get().shop == AccessCode.objects.get().shop == other
        assert Report.objects.get().shop == other
        assert [s.history.first().action for s in (kept, other)] == ["undo", "undo"]
        assert {mail.to[0] for mail in Email.objects.all()} == {awa.email, paul.email, zoe.email}
        assert other.status == "published"
        count = HistoryEntry.objects.count()
        unmerge(other, by=agent, now=LATER)
        assert HistoryEntry.objects.count() == count

    def test_what_was_written_since_stays(self, kept, other, agent):
        merge_both(kept, other, by=agent, siret="other", description="other")
        edit_listing(kept, {"description": "Neuf"}, by=agent, expected_version=None, now=LATER)
        unmerge(other, by=agent, now=LATER)
        assert (values(kept)["siret"], values(kept)["description"]) == ("", "Neuf")

    def test_a_last_word_comes_back(self, kept, other):
        status.close(other, by=None, now=NOW, farewell="Merci.", successor="Le Levain")
        before = state(other)
        merge_both(kept, other)
        unmerge(other, by=None, now=LATER)
        assert state(other) == before

    def test_what_it_published_is_hidden_again(self, commune, other):
        kept = make_shop("Le Fournil", commune=commune, status="pending", siret=OTHER_SIRET)
        before = state(kept)
        merge_both(kept, other, siret="other")
        unmerge(other, by=None, now=LATER)
        assert state(kept) == before

    def test_of_a_chain(self, kept, other):
        third = make_shop("Fournil", commune=kept.commune)
        merge_both(other, third)
        merge_both(kept, other)
        with pytest.raises(WorkflowError, match="d’abord été réunie avec «\u00a0Boulangerie"):
            unmerge(third, by=None, now=LATER)
        unmerge(other, by=None, now=LATER)
        assert Shop.objects.get(pk=third.pk).merged_into == other
        unmerge(third, by=None, now=LATER)
        assert Shop.objects.filter(status="published").count() == 3

    def test_a_number_that_another_has_by_now(self, kept, other):
        merge_both(kept, other)
        make_shop("Le Levain", commune=kept.commune, siret=SIRET)
        before = [state(s) for s in (kept, other)]
        with pytest.raises(WorkflowError, match="porte déjà ce SIRET"):
            unmerge(other, by=None, now=LATER)
        assert [state(s) for s in (kept, other)] == before

    def test_who_has_left_does_not_come_back(self, kept, other):
        make_member(kept)
        paul = make_member(other)
        merge_both(kept, other)
        kept.members.filter(user=paul).delete()
        unmerge(other, by=None, now=LATER)
        assert people(other) == {}

    def test_a_listing_keeps_somebody_who_answers_for_it(self, kept, other):
        awa = make_member(kept)
        zoe = make_member(kept, role="colleague")
        paul = make_member(other)
        merge_both(kept, other)
        kept.members.filter(user=awa).delete()
        unmerge(other, by=None, now=LATER)
        assert people(kept) == {paul: "owner", zoe: "colleague"}
        assert people(other) == {paul: "owner"}

    def test_one_that_is_not_merged(self, other):
        with pytest.raises(WorkflowError, match="n’est pas réunie"):
            unmerge(other, by=None, now=NOW)


class TestWhichToKeep:
    def test_in_that_order(self, commune):
        full = make_shop("Plein", commune=commune, status="pending", description="Du pain.")
        bare = make_shop("Vide", commune=commune, status="pending", hours=None)
        assert better(full, bare) == better(bare, full) == full
        Shop.objects.filter(pk=bare.pk).update(status="published")
        bare.refresh_from_db()
        assert better(full, bare) == bare
        status.confirm(full, by=None, as_=Confirmer.TOWN_HALL, now=NOW)
        assert better(full, bare) == full
        make_member(bare)
        assert better(full, bare) == bare
        status.close(bare, by=None, now=NOW)
        assert better(full, bare) == full
