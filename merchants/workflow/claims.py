"""« C’est mon commerce »: somebody asks for a listing, and the town hall decides.

A claim on a listing that somebody keeps is a dispute: its owners are asked for their side, and the
agent decides with both before him. The proof is a code (`codes`), a document, or an address at the
shop's own domain. SIRENE itself holds no mail address, so the domain is that of the e-mail or the
web site of the listing; an address at a public provider counts only where it is the listing's very
own (`mail_domains`). No proof opens anything by itself, save a code on a listing nobody keeps.
Nobody decides on a claim of his own, whatever he is to the town hall.

The people of a shop read its history: what a claimant does stands there without a name, so that a
stranger's address is not told to them. The claim knows who it was.
"""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.documents import DocumentError, read_document
from merchants.mail_domains import belongs_to
from merchants.models import Claim, Invitation, Shop, ShopStatus, User
from merchants.models.claim import ClaimProof, ClaimStatus, CodeChannel
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole

from . import mail, town_hall
from .errors import WorkflowError
from .history import capacity_of, locked, not_permitted, record, refuse_merged, taken_over
from .members import add_member, remove_member
from .orphans import delete_orphans

WAITING_AT_ONCE = 5  # Claims of one person.
A_DAY = 10  # Claims of one person, whatever became of them.
ASKED_EVERY = timedelta(days=1)  # Owners, about one claimant.
LONGEST_TEXT = 1000  # characters
LONGEST_REASON = 500
FOLDER = "claims"


def claim(
    shop: Shop,
    *,
    proof: ClaimProof,
    by: User,
    now: datetime,
    channel: str = "",
    message: str = "",
    document: BinaryIO | None = None,
) -> Claim:
    """Somebody asks for a listing that residents see.

    Effects: a claim that waits, its document in the private storage; a history entry; where
    somebody keeps the listing, a letter to each owner. A second one of the same person changes
    nothing: the one that waits is returned.
    """
    message = message.strip()
    if len(message) > LONGEST_TEXT:
        raise WorkflowError(_("Ce message est trop long\u00a0: 1000 caractères au plus."))
    with transaction.atomic():
        held = locked(shop)
        waiting = Claim.objects.waiting().filter(shop=held, user=by).first()
        if waiting:
            return waiting
        _refuse_unless_claimable(held, by)
        _refuse_too_many(by, now)
        _refuse_without_proof(held, proof, channel, by)
        made = open_claim(
            held,
            Claim(
                proof=proof,
                channel=channel if proof == ClaimProof.CODE else "",
                message=message,
                document=_file(document) if proof == ClaimProof.DOCUMENT else "",
            ),
            by=by,
            now=now,
        )
    return made


def withdraw(claim: Claim, *, by: User, now: datetime) -> Claim:
    """The claimant changes his mind.

    Effects: the claim is withdrawn, its document and its unused codes are gone; a history entry.
    Nothing where it has been withdrawn already.
    """
    with transaction.atomic():
        held = locked(claim.shop)
        claim.refresh_from_db()
        if claim.user_id != by.pk:
            raise WorkflowError(not_permitted())
        if claim.status == ClaimStatus.WITHDRAWN:
            return claim
        _refuse_decided(claim)
        decide(claim, ClaimStatus.WITHDRAWN, by=by, now=now)
        record(held, Action.CLAIM_WITHDRAWN, by=None, now=now)
    return claim


def accept(claim: Claim, *, by: User | None, now: datetime, replace_owners: bool = False) -> Shop:
    """The town hall entrusts the listing to who claims it.

    Whoever keeps it stays, unless `replace_owners` says that they were not the right ones: then
    owners and colleagues lose it, and their open invitations die.

    Effects: the memberships, with a history entry each; the listing is the merchant's own word
    from now on; the decision with its date and author, a history entry; document and unused codes
    are gone; letters to the claimant and to each owner; other claims go on as disputes, and are
    told so; the public pages are renewed.
    """
    with transaction.atomic():
        held, claim = _undecided(claim, by)
        refuse_merged(held)
        if held.status == ShopStatus.CLOSED:
            raise WorkflowError(_("Ce commerce a fermé définitivement."))
        others = list(held.members.exclude(user=claim.user_id).select_related("user"))
        add_member(held, claim.user, role=MemberRole.OWNER, by=by, now=now)
        if replace_owners:
            Invitation.objects.filter(shop=held, accepted_at=None).delete()
            for member in others:
                remove_member(member, by=by, now=now, writes=False)
        held = locked(held)
        taken_over(held)
        decide(claim, ClaimStatus.ACCEPTED, by=by, now=now)
        record(held, Action.CLAIM_ACCEPTED, by=by, now=now)
        _write(claim.user, "claim_accepted", held, url=mail.address_of("my_shops"))
        for member in others:
            if replace_owners or member.is_owner:
                name = "claim_lost" if replace_owners else "claim_shared"
                _write(member.user, name, held, claim=claim)
        keep_others(held, claim.user)
        if held.status == ShopStatus.PUBLISHED:
            held.commune.touch()
    return held


def refuse(claim: Claim, *, reason: str, by: User | None, now: datetime) -> Shop:
    """The town hall declines, and says why and to whom one may write.

    Effects: the decision with its date, author and reason; document and unused codes are gone; a
    history entry, without the reason, which is the claimant's; letters to the claimant and to the
    owners, who had been asked.
    """
    reason = reason.strip()
    if not reason:
        raise WorkflowError(_("Dites pourquoi\u00a0: la personne doit pouvoir répondre."))
    if len(reason) > LONGEST_REASON:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 500 caractères au plus."))
    with transaction.atomic():
        held, claim = _undecided(claim, by)
        decide(claim, ClaimStatus.REFUSED, by=by, now=now, reason=reason)
        record(held, Action.CLAIM_REFUSED, by=by, now=now)
        _write(claim.user, "claim_refused", held, reason=reason)
        owners = held.members.filter(role=MemberRole.OWNER).exclude(user=claim.user_id)
        for member in owners.select_related("user"):
            _write(member.user, "claim_kept", held, claim=claim)
    return held


def answer(claim: Claim, text: str, *, by: User, now: datetime) -> Claim:
    """An owner tells the town hall his side of a dispute; the last word until it decides counts.

    Effects: the answer and its date. No history entry: nothing of the listing changes.
    """
    text = text.strip()
    if not text:
        raise WorkflowError(_("Écrivez votre réponse."))
    if len(text) > LONGEST_TEXT:
        raise WorkflowError(_("Cette réponse est trop longue\u00a0: 1000 caractères au plus."))
    with transaction.atomic():
        held = locked(claim.shop)
        claim.refresh_from_db()
        owner = held.members.filter(user=by, role=MemberRole.OWNER).exists()
        if not owner or claim.user_id == by.pk:
            raise WorkflowError(not_permitted())
        _refuse_decided(claim)
        if claim.answer != text:
            claim.answer, claim.answered_at = text, now
            claim.save(update_fields=["answer", "answered_at"])
    return claim


def purge_documents(*, now: datetime) -> int:
    """Deletes files that no waiting claim names (an account that is gone, a write that failed).

    Says how many. Documents go with the decision; this is for what was left behind.
    """
    needed = set(Claim.objects.waiting().exclude(document="").values_list("document", flat=True))
    return delete_orphans(Claim._meta.get_field("document").storage, FOLDER, needed, now=now)


def own_address(shop: Shop, user: User) -> str:
    """The verified address of that person which is the shop's own; "" for none. One query."""
    verified = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    for address in verified.values_list("email", flat=True):
        if belongs_to(address, shop_email=shop.email, websites=(shop.website,)):
            return address
    return ""


# What `codes` needs too, inside its transaction and with the listing locked.


def open_claim(held: Shop, made: Claim, *, by: User, now: datetime) -> Claim:
    """Effects: the claim, a history entry, letters to the owners where there are any.

    Who asks again and again has no letters written to them: at most one in ASKED_EVERY.
    """
    made.shop, made.user, made.at = held, by, now
    made.save(force_insert=True)
    record(held, Action.CLAIM, by=None, now=now, note=str(made.proof))
    day = Claim.objects.filter(shop=held, user=by, at__gt=now - ASKED_EVERY).exclude(pk=made.pk)
    if not day.exists():
        ask_owners(held, made)
    return made


def ask_owners(held: Shop, claim: Claim, *, owners_of: Shop | None = None) -> None:
    """A letter to each owner of the listing, or of the one that joins it (`owners_of`), but the
    claimant: it asks for their side."""
    owners = (owners_of or held).members.filter(role=MemberRole.OWNER).exclude(user=claim.user_id)
    for member in owners.select_related("user"):
        _ask(member.user, claim, held)


def decide(
    claim: Claim, status: ClaimStatus, *, by: User | None, now: datetime, reason: str = ""
) -> None:
    """Effects: the decision; the document and the unused codes of the claim are gone."""
    if claim.document:
        file = claim.document
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)
    claim.status, claim.decided_by, claim.decided_at = status, by, now
    claim.reason, claim.document = reason, ""
    claim.save(update_fields=["status", "decided_by", "decided_at", "reason", "document"])
    claim.codes.filter(used_at=None).delete()


def keep_others(held: Shop, owner: User) -> None:
    """The listing has a new owner: claims of others go on as disputes, and both sides are told."""
    waiting = Claim.objects.waiting().filter(shop=held).exclude(user=owner)
    for other in waiting.select_related("user"):
        _write(other.user, "claim_disputed", held, url=mail.address_of("my_claims"))
        _ask(owner, other, held)


def _refuse_unless_claimable(held: Shop, by: User) -> None:
    if held.members.filter(user=by).exists():
        raise WorkflowError(_("Vous vous occupez déjà de ce commerce."))
    if held.status != ShopStatus.PUBLISHED:
        raise WorkflowError(_("Cette fiche n’est pas en ligne\u00a0: écrivez à la mairie."))


def _refuse_too_many(by: User, now: datetime) -> None:
    # Locked, so that claims on several shops at once are counted one after the other.
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).values("pk"))
    if Claim.objects.waiting().filter(user=by).count() >= WAITING_AT_ONCE:
        raise WorkflowError(
            _(
                "Cinq de vos demandes attendent déjà\u00a0: attendez la réponse de la mairie, ou "
                "retirez-en une."
            )
        )
    if Claim.objects.filter(user=by, at__gt=now - timedelta(days=1)).count() >= A_DAY:
        raise WorkflowError(_("Dix demandes par jour, c’est le maximum\u00a0: revenez demain."))


def _refuse_without_proof(held: Shop, proof: str, channel: str, by: User) -> None:
    if proof == ClaimProof.EMAIL and not own_address(held, by):
        raise WorkflowError(_("Aucune de vos adresses vérifiées n’est celle du commerce."))
    if proof == ClaimProof.CODE:
        if channel not in {CodeChannel.IN_PERSON, CodeChannel.POST, CodeChannel.PHONE}:
            raise WorkflowError(_("Dites comment la mairie peut vous donner un code."))
        refuse_without_way(held, channel)


def refuse_without_way(held: Shop, channel: str) -> None:
    """A code goes to what the listing says, or it proves nothing."""
    if channel == CodeChannel.PHONE and not held.phone:
        raise WorkflowError(_("La fiche ne donne pas de numéro de téléphone."))
    if channel == CodeChannel.EMAIL and not held.email:
        raise WorkflowError(_("La fiche ne donne pas d’adresse électronique."))
    if channel == CodeChannel.POST and not held.street:
        raise WorkflowError(_("La fiche ne donne pas d’adresse où écrire."))


def _file(document: BinaryIO | None) -> ContentFile:
    """The document under a name that nobody guesses, with the extension of what it is."""
    if document is None:
        raise WorkflowError(_("Joignez un document."))
    try:
        read = read_document(document)
    except DocumentError as error:
        raise WorkflowError(str(error)) from error
    return ContentFile(read.data, name=f"{secrets.token_hex(16)}.{read.extension}")


def _undecided(claim: Claim, by: User | None) -> tuple[Shop, Claim]:
    """The locked listing and its claim, which still waits; for the town hall alone, and of it
    nobody who decides for himself."""
    held = locked(claim.shop)
    if capacity_of(by, held) not in {Capacity.TOWN_HALL, Capacity.SYSTEM}:
        raise WorkflowError(not_permitted())
    claim.refresh_from_db()
    if by and claim.user_id == by.pk:
        raise WorkflowError(_("Cette demande est la vôtre\u00a0: un autre agent décide."))
    _refuse_decided(claim)
    return held, claim


def _refuse_decided(claim: Claim) -> None:
    if claim.status != ClaimStatus.WAITING:
        raise WorkflowError(
            _("Cette demande n’attend plus\u00a0: elle a été %(status)s.")
            % {"status": claim.get_status_display()}
        )


def _ask(owner: User, claim: Claim, held: Shop) -> None:
    url = mail.address_of("my_shop_claims", held.pk)
    _write(owner, "claim_dispute", held, claim=claim, url=url)


def _write(to: User, template: str, held: Shop, **context: object) -> None:
    context |= {
        "shop": held,
        "contact": town_hall.contact_lines(held.commune),
        "appeal": town_hall.appeal_lines(held.commune),
    }
    language = settings.LANGUAGE_CODE
    mail.send(template, to.email, context, language=language, commune=held.commune)
