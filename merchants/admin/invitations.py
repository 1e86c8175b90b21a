"""« Invitations »: writing to the shops whose listing nobody keeps, and what came of it.

Letters and e-mails are chosen on the list, looked at on a page of their own, and made by POST.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.forms.inviting import InvitationFilterForm
from merchants.models import Shop
from merchants.models.inviting import INVITABLE, InvitationState
from merchants.workflow import WorkflowError, letters

from .pages import choosable, render_page, town_hall_page

TITLE = gettext_lazy("Invitations")
PER_PAGE = 50
LETTERS, EMAILS = "lettres", "courriels"
# More sentences than that are read by nobody.
SENTENCES_SHOWN = 20


@town_hall_page(
    "invitations/",
    name="invitations",
    title=TITLE,
    help=gettext_lazy("Lettres et courriels aux commerces dont personne ne tient la fiche."),
    of_commune=True,
)
def invitations(request, commune):
    """The list; POST leads to the page that says what will be made, and then makes it."""
    now = timezone.now()
    shops = _listings(commune, now)
    form = InvitationFilterForm(request.GET)
    found = form.of(shops).select_related("main_category").by_name()
    if request.method == "POST":
        return _chosen(request, commune, found, shops, now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for shop in page:
        shop.state_label = InvitationState(shop.invitation).label
    question = request.GET.copy()
    question.pop("page", None)
    context = {
        "commune": commune,
        "communes": choosable(request),
        "form": form,
        "page": page,
        "question": question.urlencode(),
        "counts": _counts(shops),
        "most": letters.BATCH,
        "invitable": INVITABLE,
        "address": _list_address(request, commune),
    }
    return render_page(request, "invitations", context, title=TITLE)


def _listings(commune, now):
    return Shop.objects.in_commune(commune).invited().with_invitation(now).defer("description")


def _counts(shops) -> list[tuple[str, str, int]]:
    """(state, its words, how many), in the order of the states. One query."""
    rows = shops.order_by().values_list("invitation").annotate(n=Count("pk"))
    counts = dict(rows.values_list("invitation", "n"))
    return [
        (state.value, state.label, counts[state]) for state in InvitationState if state in counts
    ]


def _chosen(request, commune, found, shops, now):
    """Those that are ticked, or all of the filter; only this commune's, whatever was sent."""
    kind = request.POST.get("action")
    if kind not in {LETTERS, EMAILS}:
        return _back(request, commune, _("Choisissez les lettres ou les courriels."))
    if "all" in request.POST:
        # Of the others, there is nobody to write to.
        chosen = list(found.filter(invitation__in=INVITABLE)[: letters.BATCH])
    else:
        numbers = [int(number) for number in request.POST.getlist("shop") if number.isdecimal()]
        chosen = list(shops.filter(pk__in=numbers[: 2 * letters.BATCH]).by_name())
    try:
        letters.refuse_many(chosen)
        if "sure" in request.POST:
            return _made(request, commune, kind, chosen, now)
    except WorkflowError as error:
        return _back(request, commune, str(error))
    return _preview(request, commune, kind, chosen, now)


def _preview(request, commune, kind, chosen, now):
    """What will be made, for whom not, and whose earlier letter ends."""
    left_out = [(shop, sentence) for shop in chosen if (sentence := _obstacle(shop, kind, now))]
    without = {shop.pk for shop, _sentence in left_out}
    ready = [shop for shop in chosen if shop.pk not in without]
    context = {
        "commune": commune,
        "communes": [],
        "kind": kind,
        "ready": ready,
        "left_out": left_out,
        "replaced": [shop for shop in ready if kind == LETTERS and shop.letter_until],
        "address": _list_address(request, commune),
    }
    title = _("Préparer les lettres") if kind == LETTERS else _("Envoyer les courriels")
    return render_page(request, "invitations_sure", context, title=title)


def _obstacle(shop, kind: str, now) -> str:
    """Why that shop gets none, as the workflow would say; "" where it gets one. No query."""
    if shop.has_objected:
        return letters.objected()
    if shop.is_kept:
        return _("Un commerçant tient déjà cette fiche.")
    if kind == LETTERS:
        return "" if letters.has_address(shop) else letters.no_address()
    if not shop.email:
        return _("La fiche n’a pas d’adresse électronique.")
    if shop.invited_email_at and shop.invited_email_at > now - letters.EMAILS_EVERY:
        return _("Un courriel est déjà parti pour cette fiche\u00a0: attendez un jour.")
    return ""


def _made(request, commune, kind, chosen, now) -> HttpResponse:
    act = {"by": request.user, "now": now}
    batch = (
        letters.prepare_all(chosen, **act) if kind == LETTERS else letters.send_all(chosen, **act)
    )
    for shop, sentence in batch.left_out[:SENTENCES_SHOWN]:
        messages.warning(request, f"{shop.name}\u00a0: {sentence}")
    if more := len(batch.left_out[SENTENCES_SHOWN:]):
        words = ngettext("Et %(n)s autre.", "Et %(n)s autres.", more)
        messages.warning(request, words % {"n": more})
    if kind == LETTERS:
        words = ngettext("%(n)s lettre est prête.", "%(n)s lettres sont prêtes.", batch.made)
    else:
        words = ngettext("%(n)s courriel est parti.", "%(n)s courriels sont partis.", batch.made)
    if batch.made:
        messages.success(request, words % {"n": batch.made})
    if kind == EMAILS:
        return redirect(_list_address(request, commune))
    response = HttpResponse(batch.pdf, content_type="application/pdf")
    name = f"lettres-{commune.slug}-{timezone.localdate(now):%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _back(request, commune, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect(_list_address(request, commune))


def _list_address(request, commune) -> str:
    """The list as it was filtered."""
    question = request.GET.copy()
    question["commune"] = commune.insee_code
    return f"{reverse('admin:invitations')}?{question.urlencode()}"
