"""Codes: who makes them, who uses them, and what they never tell."""

from datetime import timedelta

import pytest
from django.db import connection
from post_office.models import Email

from merchants.access_codes import display_code, hash_code
from merchants.models import AccessCode, Claim, Commune, CommuneRole, HistoryEntry, Shop
from merchants.workflow import WorkflowError, claims, codes
from tests.claiming import make_claim, make_code, make_person
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

CHANNELS = ["in_person", "post", "phone", "email"]
ALL = set(CHANNELS)
# Who may issue what for a listing that nobody keeps, and for one that somebody keeps.
ISSUERS = {
    "site": (ALL, ALL),
    "admin": (ALL, ALL),
    "agent": (ALL, ALL),
    "referent": (ALL, ALL),
    "helper": ({"post", "email"}, set()),
    "agent elsewhere": (set(), set()),
    "stranger": (set(), set()),
    "colleague": (set(), set()),
    "owner": (set(), set()),
}


@pytest.fixture
def shop():
    return make_shop(
        "Le Fournil", street="rue de la Paix", phone="+33147510142", email="a@fournil.fr"
    )


def owners(shop) -> list:
    return [member.user for member in shop.members.select_related("user")]


def actions(shop) -> list[str]:
    return list(shop.history.order_by("version").values_list("action", flat=True))


def confirm(code: str, *, now):
    """As somebody does who has read what the listing says at this moment."""
    row = AccessCode.objects.filter(code_hash=hash_code(code)).select_related("shop").first()
    version = row.shop.version if row else 1
    return codes.confirm_by_code(code, now=now, expected_version=version)


class TestIssuing:
    @pytest.mark.parametrize("who", ISSUERS)
    @pytest.mark.parametrize("kept", [False, True])
    def test_who_makes_which(self, shop, now, who, kept):
        if kept:
            make_member(shop)
        person = make_person(who, shop)
        for channel in CHANNELS:
            if channel in ISSUERS[who][kept]:
                codes.issue(shop, channel=channel, by=person, now=now)
            else:
                with pytest.raises(WorkflowError):
                    codes.issue(shop, channel=channel, by=person, now=now)
        assert {code.channel for code in AccessCode.objects.all()} == ISSUERS[who][kept]

    def test_a_helper_answers_no_claim(self, shop, now):
        made = make_claim(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            codes.issue(shop, channel="post", by=make_person("helper", shop), now=now, claim=made)

    def test_is_kept_as_a_hash_and_said_in_the_history(self, shop, now):
        agent = make_person("agent", shop)
        code = codes.issue(shop, channel="phone", by=agent, now=now)
        assert len(code) == 10
        row = AccessCode.objects.get()
        assert row.code_hash == hash_code(code)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM merchants_accesscode")
            kept = str(cursor.fetchall())
        entry = HistoryEntry.objects.first()
        assert code not in kept and code not in f"{entry.note}{entry.changes}{entry.reason}"
        assert (entry.action, entry.by, entry.note) == ("code", agent, "phone")
        assert entry.capacity == "town_hall"
        assert shop.version == entry.version

    @pytest.mark.parametrize(
        ("channel", "days"), [("post", 60), ("in_person", 14), ("phone", 14), ("email", 14)]
    )
    def test_lasts(self, shop, now, channel, days):
        code = make_code(shop, channel=channel)
        end = now + timedelta(days=days)
        assert AccessCode.objects.get().expires_at == end
        assert codes.read_code(code, now=end - timedelta(seconds=1)).shop == shop
        with pytest.raises(WorkflowError, match="n’est plus valable"):
            codes.read_code(code, now=end)

    def test_an_older_one_of_the_same_way_dies(self, shop, now):
        other_shop = make_code(make_shop())
        by_post = make_code(shop, channel="post")
        first, second = make_code(shop), make_code(shop)
        with pytest.raises(codes.WrongCode):
            codes.read_code(first, now=now)
        for code in (second, by_post, other_shop):
            codes.read_code(code, now=now)

    @pytest.mark.parametrize(("channel", "missing"), [("phone", "phone"), ("email", "email")])
    def test_goes_to_what_the_listing_says(self, shop, channel, missing):
        Shop.objects.update(**{missing: ""})
        with pytest.raises(WorkflowError, match="La fiche ne donne pas"):
            make_code(shop, channel=channel)

    def test_not_for_a_shop_that_closed(self, shop):
        Shop.objects.update(status="closed")
        with pytest.raises(WorkflowError, match="a fermé"):
            make_code(shop)

    def test_for_a_claim_that_waits_on_that_shop(self, shop, now):
        elsewhere, gone = make_claim(make_shop()), make_claim(shop)
        claims.withdraw(gone, by=gone.user, now=now)
        for claim in (elsewhere, gone):
            with pytest.raises(WorkflowError, match="n’attend plus de code"):
                make_code(shop, claim=claim)

    def test_the_link_holds_it(self, shop):
        code = make_code(shop)
        assert codes.link_of(code) == f"http://testserver/code/{code}/"


class TestRedeeming:
    @pytest.mark.parametrize("channel", CHANNELS)
    def test_gives_a_listing_that_nobody_keeps(self, shop, now, channel):
        Shop.objects.update(on_behalf=True)
        code, person = make_code(shop, channel=channel), make_user()
        version = Commune.objects.get().version
        came = codes.redeem(display_code(code).lower(), by=person, now=now)
        assert (came.shop, came.claim) == (shop, None)
        assert owners(shop) == [person]
        row = AccessCode.objects.get()
        assert (row.used_by, row.used_at) == (person, now)
        assert Shop.objects.get().on_behalf is False
        assert Commune.objects.get().version > version
        entry = HistoryEntry.objects.first()
        assert (entry.action, entry.by, entry.capacity) == ("join", person, "merchant")
        assert actions(shop) == ["create", "code", "join"]

    @pytest.mark.parametrize("who", ["stranger", "helper", "agent", "agent elsewhere", "admin"])
    def test_whoever_has_it_and_an_account(self, shop, now, who):
        person = make_person(who, shop)
        codes.redeem(make_code(shop), by=person, now=now)
        assert owners(shop) == [person]

    def test_once(self, shop, now):
        code, person, other = make_code(shop), make_user(), make_user()
        for _click in range(2):
            assert codes.redeem(code, by=person, now=now).claim is None
        before = actions(shop)
        for act in (
            lambda: codes.redeem(code, by=other, now=now),
            lambda: codes.read_code(code, now=now),
            lambda: confirm(code, now=now),
        ):
            with pytest.raises(WorkflowError, match="a déjà servi"):
                act()
        assert owners(shop) == [person] and actions(shop) == before

    def test_the_code_of_another_shop_opens_that_one(self, shop, now):
        other, person = make_shop(), make_user()
        codes.redeem(make_code(other), by=person, now=now)
        assert owners(shop) == [] and owners(other) == [person]

    def test_whoever_made_it_has_not_been_at_the_shop(self, shop, now):
        """A helper reads the codes of the letters that he prints."""
        helper, agent = make_person("helper", shop), make_person("agent", shop)
        for person, channel in ((helper, "post"), (agent, "in_person")):
            code = codes.issue(shop, channel=channel, by=person, now=now)
            for act in (codes.redeem, codes.read_code):
                with pytest.raises(WorkflowError, match="vous-même émis"):
                    act(code, by=person, now=now)
        assert owners(shop) == []
        codes.redeem(code, by=helper, now=now)

    @pytest.mark.parametrize("role", ["owner", "colleague"])
    def test_who_keeps_it_uses_none_up(self, shop, now, role):
        make_member(shop)
        code = make_code(shop)
        with pytest.raises(WorkflowError, match="Vous vous occupez déjà"):
            codes.redeem(code, by=make_member(shop, role=role), now=now)
        assert AccessCode.objects.get().used_at is None

    def test_ones_own_claim_is_accepted_with_it(self, shop, now):
        made = make_claim(shop)
        other = make_claim(shop, make_user(name="Paul"))
        codes.redeem(make_code(shop, claim=made), by=made.user, now=now)
        made.refresh_from_db()
        assert (made.status, made.decided_at, made.decided_by) == ("accepted", now, None)
        assert actions(shop)[-2:] == ["join", "claim_accepted"]
        # The other one is a dispute now.
        assert Claim.objects.waiting().with_dispute().get().is_dispute
        assert {mail.to[0] for mail in Email.objects.all()} == {made.user.email, other.user.email}

    def test_a_claims_code_is_that_claimants_alone(self, shop, now):
        made = make_claim(shop)
        code = make_code(shop, claim=made)
        assert codes.read_code(code, now=now).is_personal
        for act in (
            lambda: codes.redeem(code, by=make_user(), now=now),
            lambda: codes.read_code(code, now=now, by=make_user()),
        ):
            with pytest.raises(WorkflowError, match="d’un autre compte"):
                act()
        assert owners(shop) == []
        codes.redeem(code, by=made.user, now=now)
        assert owners(shop) == [made.user]


class TestFromAHelper:
    """Who writes letters reads the codes: where residents know the listing, an agent looks."""

    @pytest.fixture
    def helper(self, shop):
        return make_person("helper", shop)

    @pytest.mark.parametrize("channel", ["post", "email"])
    @pytest.mark.parametrize("status", ["published", "suspended"])
    def test_becomes_a_claim(self, shop, now, helper, channel, status):
        Shop.objects.update(on_behalf=True, status=status)
        code, accomplice = codes.issue(shop, channel=channel, by=helper, now=now), make_user()
        found = codes.read_code(code, now=now, by=accomplice)
        assert (found.is_kept, found.is_checked) == (False, True)
        for _click in range(2):
            came = codes.redeem(code, by=accomplice, now=now)
        made = Claim.objects.get()
        assert (came.claim, came.is_dispute) == (made, False)
        assert (made.user, made.proof, made.channel) == (accomplice, "code", channel)
        assert made.is_waiting and owners(shop) == []
        row = AccessCode.objects.get()
        assert (row.claim, row.used_by, row.used_at) == (made, accomplice, now)
        assert Shop.objects.get().on_behalf is True
        assert actions(shop) == ["create", "code", "claim"]
        claims.accept(made, by=make_person("agent", shop), now=now)
        assert owners(shop) == [accomplice]

    @pytest.mark.parametrize("status", ["draft", "pending", "refused"])
    def test_gives_at_once_what_an_agent_is_to_validate(self, shop, now, helper, status):
        Shop.objects.update(on_behalf=True, status=status)
        code, person = codes.issue(shop, channel="post", by=helper, now=now), make_user()
        assert codes.read_code(code, now=now, by=person).is_checked is False
        assert codes.redeem(code, by=person, now=now).claim is None
        assert owners(shop) == [person]

    def test_not_by_waiting_until_it_is_published(self, shop, now, helper):
        Shop.objects.update(status="pending")
        code = codes.issue(shop, channel="post", by=helper, now=now)
        Shop.objects.update(status="published")
        assert codes.redeem(code, by=make_user(), now=now).claim
        assert owners(shop) == []

    @pytest.mark.parametrize("rid", ["role", "account"])
    def test_nor_by_being_a_helper_no_more(self, shop, now, helper, rid):
        code = codes.issue(shop, channel="post", by=helper, now=now)
        if rid == "role":
            CommuneRole.objects.all().delete()
        else:
            helper.delete()
        assert codes.redeem(code, by=make_user(), now=now).claim

    def test_nor_because_an_agent_gave_another(self, shop, now, helper):
        code = codes.issue(shop, channel="post", by=helper, now=now)
        agents = codes.issue(shop, channel="email", by=make_person("agent", shop), now=now)
        assert codes.redeem(code, by=make_user(), now=now).claim
        assert codes.redeem(agents, by=make_user(), now=now).claim is None

    def test_is_added_to_the_persons_claim(self, shop, now, helper):
        made = make_claim(shop, message="Bonjour")
        code = codes.issue(shop, channel="post", by=helper, now=now)
        assert codes.redeem(code, by=made.user, now=now).claim == made
        assert Claim.objects.get().message == "Bonjour"
        assert AccessCode.objects.get().claim == made

    def test_confirms_at_once(self, shop, now, helper):
        confirm(codes.issue(shop, channel="post", by=helper, now=now), now=now)
        assert Shop.objects.get().confirmed_as == "merchant"


class TestDispute:
    def test_a_code_is_evidence_where_somebody_keeps_the_listing(self, shop, now):
        code, owner, person = make_code(shop, channel="post"), make_member(shop), make_user()
        for _click in range(2):
            came = codes.redeem(code, by=person, now=now)
        made = Claim.objects.with_dispute().get()
        assert came.claim == made and came.is_dispute and made.is_dispute
        assert (made.user, made.proof, made.channel) == (person, "code", "post")
        row = AccessCode.objects.get()
        assert (row.claim, row.used_by, row.used_at) == (made, person, now)
        assert owners(shop) == [owner]
        assert [mail.to for mail in Email.objects.all()] == [[owner.email]]
        assert actions(shop) == ["create", "code", "join", "claim"]
        claims.accept(made, by=None, now=now)
        assert AccessCode.objects.get() == row  # What was used stays, as it is told.

    @pytest.mark.parametrize("status", ["draft", "pending", "refused", "suspended"])
    def test_none_over_what_is_not_online(self, shop, now, status):
        """Nor is anything told of it."""
        code, owner, person = make_code(shop, channel="post"), make_member(shop), make_user()
        Shop.objects.update(status=status)
        for act in (
            lambda: codes.redeem(code, by=person, now=now),
            lambda: codes.read_code(code, now=now, by=person),
            lambda: codes.read_code(code, now=now),
        ):
            with pytest.raises(WorkflowError, match="pas en ligne") as error:
                act()
            assert "Fournil" not in str(error.value)
        assert not Claim.objects.exists() and not Email.objects.exists()
        assert AccessCode.objects.get().used_at is None
        assert codes.read_code(code, now=now, by=owner).is_kept  # Who keeps it is told so.

    def test_one_over_what_was_online_when_it_was_claimed(self, shop, now):
        made = make_claim(shop)
        code = make_code(shop, claim=made)
        make_member(shop)
        Shop.objects.update(status="suspended")
        assert codes.redeem(code, by=made.user, now=now).claim == made

    def test_a_claim_that_waits_gets_it(self, shop, now):
        made = make_claim(shop, message="Bonjour")
        make_member(shop)
        code = make_code(shop, channel="phone")
        assert codes.redeem(code, by=made.user, now=now).claim == made
        assert AccessCode.objects.get().claim == made
        assert Claim.objects.get().message == "Bonjour"

    def test_the_limits_of_claims_do_not_count(self, shop, now):
        person = make_user()
        for _number in range(5):
            make_claim(make_shop(), person)
        make_member(shop)
        assert codes.redeem(make_code(shop), by=person, now=now).is_dispute

    def test_a_refused_one_is_no_second_click(self, shop, now):
        code, person = make_code(shop), make_user()
        make_member(shop)
        claims.refuse(codes.redeem(code, by=person, now=now).claim, reason="Non.", by=None, now=now)
        with pytest.raises(WorkflowError, match="a déjà servi"):
            codes.redeem(code, by=person, now=now)


class TestConfirming:
    def test_without_an_account_and_the_code_stays(self, shop, now):
        Shop.objects.update(on_behalf=True)
        code = make_code(shop)
        confirm(code, now=now)
        confirmed = Shop.objects.get()
        assert (confirmed.confirmed_at, confirmed.confirmed_as) == (now, "merchant")
        assert (confirmed.confirmed_by, confirmed.on_behalf) == (None, False)
        assert actions(shop) == ["create", "code", "confirm"]
        person = make_user()
        codes.redeem(code, by=person, now=now)
        assert owners(shop) == [person]

    def test_what_was_read(self, shop, now):
        code = make_code(shop)
        version = codes.read_code(code, now=now).shop.version
        for _click in range(2):
            codes.confirm_by_code(code, now=now, expected_version=version)
        assert actions(shop).count("confirm") == 1

    @pytest.mark.parametrize("version", [None, 10**9])
    def test_not_what_was_not_shown(self, shop, now, version):
        code = make_code(shop)
        with pytest.raises(WorkflowError, match="Relisez la fiche"):
            codes.confirm_by_code(code, now=now, expected_version=version)
        assert Shop.objects.get().confirmed_at is None

    def test_not_what_others_keep(self, shop, now):
        code = make_code(shop)
        make_member(shop)
        assert codes.read_code(code, now=now).is_kept
        with pytest.raises(WorkflowError, match="Quelqu’un tient déjà"):
            confirm(code, now=now)

    def test_not_with_a_claimants_own(self, shop, now):
        code = make_code(shop, claim=make_claim(shop))
        with pytest.raises(WorkflowError, match="connectez-vous"):
            confirm(code, now=now)
        assert Shop.objects.get().confirmed_at is None


class TestWhatTryingTells:
    """One sentence for what was never made and what was deleted; no name of a shop in any."""

    def test_unknown_and_deleted_are_the_same(self, shop, now):
        deleted = make_code(shop)
        make_code(shop)
        told = set()
        for code in ("0000000000", deleted):
            for act in (
                lambda code=code: codes.read_code(code, now=now),
                lambda code=code: codes.redeem(code, by=make_user(), now=now),
                lambda code=code: confirm(code, now=now),
            ):
                with pytest.raises(codes.WrongCode) as error:
                    act()
                told.add(str(error.value))
        assert told == {"Ce code ne convient pas\u00a0: relisez-le, puis essayez encore."}

    def test_a_dead_one_names_no_shop(self, shop, now):
        used, closed = make_code(shop), make_code(make_shop("Fermé"), channel="post")
        codes.redeem(used, by=make_user(), now=now)
        Shop.objects.filter(name="Fermé").update(status="closed")
        expired = make_code(make_shop("Ancien"))
        later = now + timedelta(days=15)
        for code in (used, closed, expired):
            for act in (
                lambda code=code: codes.read_code(code, now=later),
                lambda code=code: codes.redeem(code, by=make_user(), now=later),
                lambda code=code: confirm(code, now=later),
            ):
                with pytest.raises(WorkflowError) as error:
                    act()
                assert not isinstance(error.value, codes.WrongCode)
                for name in ("Fournil", "Fermé", "Ancien"):
                    assert name not in str(error.value)
        assert AccessCode.objects.filter(used_at=None).count() == 2

    @pytest.mark.parametrize("typed", ["", "abc", "7K3QX-9M2PU", "é" * 10])
    def test_what_is_no_code_at_all_is_no_try(self, now, typed):
        with pytest.raises(WorkflowError) as error:
            codes.read_code(typed, now=now)
        assert not isinstance(error.value, codes.WrongCode)


def test_what_expired_is_forgotten_later(shop, now):
    used = make_code(make_shop())
    codes.redeem(used, by=make_user(), now=now)
    make_code(shop)
    end = AccessCode.objects.get(used_at=None).expires_at
    assert codes.purge_codes(now=end + timedelta(days=30)) == 0
    assert codes.purge_codes(now=end + timedelta(days=30, seconds=1)) == 1
    assert AccessCode.objects.get().used_at == now
