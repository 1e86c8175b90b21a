"""Residents tell the town hall that a listing is wrong; an agent looks at it, and may answer."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models import Report, Shop, ShopStatus, User
from merchants.models.history import Capacity
from merchants.models.report import ReportKind, ReportStatus
from merchants.opening_hours.phrases import moment_text
from merchants.text import prose

from . import mail, status
from .errors import WorkflowError
from .history import capacity_of, changed_since, locked, not_permitted
from .listing import first_sentence

KEPT = timedelta(days=365)  # After the decision.
# Of one shop that wait: more say nothing new, and somebody is playing.
MOST_WAITING = 20
LONGEST_MESSAGE, LONGEST_ANSWER = 1000, 2000
# What cannot be looked at without a word.
NEED_WORDS = frozenset({ReportKind.CONTENT, ReportKind.OTHER})


def make(shop: Shop, *, kind: str, message: str = "", email: str = "", now: datetime) -> Report:
    """Somebody, who need not say who, reports an error of a published listing.

    Effects: a report that waits. The same words sent twice are one report.
    """
    report = Report(shop=shop, kind=kind, message=prose(message), email=email.strip(), at=now)
    try:
        report.clean_fields(exclude={"shop"})
    except ValidationError as error:
        raise WorkflowError(first_sentence(Report, error)) from error
    if len(report.message) > LONGEST_MESSAGE:
        raise WorkflowError(_("Ce message est trop long\u00a0: 1000 caractères au plus."))
    if kind in NEED_WORDS and not report.message:
        raise WorkflowError(_("Dites en quelques mots ce qui ne va pas."))
    with transaction.atomic():
        held = Shop.objects.select_for_update().only("pk", "status").get(pk=shop.pk)
        if held.status != ShopStatus.PUBLISHED:
            raise WorkflowError(_("Cette fiche n’est plus en ligne."))
        waiting = Report.objects.filter(shop=held, status=ReportStatus.WAITING)
        same = waiting.filter(kind=kind, message=report.message, email=report.email).first()
        if same:
            return same
        if waiting.count() >= MOST_WAITING:
            raise WorkflowError(
                _("La mairie a déjà reçu beaucoup de signalements sur ce commerce. Elle les lit.")
            )
        report.save()
    return report


def handle(report: Report, *, by: User, now: datetime, answer: str = "") -> Report:
    """The town hall has done what was to do.

    Effects: the answer by mail, if there is one and an address to send it to; the decision; the
    address is erased. A second click has no second effect; a colleague's decision is told
    (WorkflowError).
    """
    with transaction.atomic():
        return _decide(report, ReportStatus.HANDLED, by=by, now=now, answer=answer)


def dismiss(report: Report, *, by: User, now: datetime, answer: str = "") -> Report:
    """There is nothing to do. Effects: those of `handle`."""
    with transaction.atomic():
        return _decide(report, ReportStatus.DISMISSED, by=by, now=now, answer=answer)


def close_shop(
    report: Report, *, by: User, now: datetime, answer: str = "", seen_version: int
) -> Report:
    """The report is right: the shop is gone for good.

    Effects: those of `status.close`, then those of `handle`. WorkflowError where the listing has
    been written since the page.
    """
    with transaction.atomic():
        held = locked(report.shop)
        waits = Report.objects.filter(pk=report.pk, status=ReportStatus.WAITING).exists()
        if waits and held.status != ShopStatus.CLOSED:
            if changed_since(held, seen_version):
                raise WorkflowError(
                    _("La fiche a été modifiée entre-temps. Relisez-la avant de la fermer.")
                )
            status.close(held, by=by, now=now)
        return _decide(report, ReportStatus.HANDLED, by=by, now=now, answer=answer)


def purge_reports(*, now: datetime) -> int:
    """Deletes what was decided more than KEPT ago; says how many. To be called once a day."""
    old = Report.objects.filter(decided_at__lt=now - KEPT)
    return old.delete()[0]


def _decide(
    report: Report, decision: ReportStatus, *, by: User, now: datetime, answer: str
) -> Report:
    answer = prose(answer)
    if len(answer) > LONGEST_ANSWER:
        raise WorkflowError(_("Cette réponse est trop longue\u00a0: 2000 caractères au plus."))
    held = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    held.shop = report.shop
    if capacity_of(by, held.shop) != Capacity.TOWN_HALL:
        raise WorkflowError(not_permitted())
    if held.status == ReportStatus.WAITING:
        if answer and not held.email:
            raise WorkflowError(
                _("Personne ne lira cette réponse\u00a0: aucune adresse n’a été donnée.")
            )
        if answer:
            _send(held, answer)
        held.status, held.decided_by, held.decided_at, held.email = decision, by, now, ""
        held.save(update_fields=["status", "decided_by", "decided_at", "email"])
    elif (held.status, held.decided_by_id) != (decision, by.pk):
        raise WorkflowError(_already_decided(held))
    report.__dict__.update(held.__dict__)
    return report


def _already_decided(report: Report) -> str:
    words = {
        "who": str(report.decided_by or _("un compte supprimé")),
        "status": report.get_status_display(),
        "date": moment_text(timezone.localtime(report.decided_at), _),
    }
    return _("%(who)s a déjà décidé (%(status)s), le %(date)s.") % words


def _send(report: Report, answer: str) -> None:
    context = {
        "shop": report.shop,
        "report": report,
        "answer": answer,
        "page": mail.address_of("shop", report.shop.commune.slug, report.shop.slug),
    }
    mail.send(
        "report_answered",
        report.email,
        context,
        language=settings.LANGUAGE_CODE,
        commune=report.shop.commune,
    )
