"""Claims: those that somebody made, and those on a shop that its owners are asked about."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.claim import AnswerForm
from merchants.models import Claim
from merchants.views.my_shop.editing import done
from merchants.workflow import WorkflowError, claims


def my_claims(request):
    """All claims of that person, the newest first. One query beside the session's."""
    mine = Claim.objects.filter(user=request.user).select_related("shop__commune")
    mine = mine.defer("shop__commune__contour", "shop__commune__search_text", "shop__search_text")
    return render(request, "merchants/claim/my_claims.html", {"claims": mine})


@require_POST
def withdraw(request, *, claim: int):
    mine = get_object_or_404(Claim.objects.select_related("shop"), pk=claim, user=request.user)
    try:
        claims.withdraw(mine, by=request.user, now=timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("my_claims")
    return done(request, _("Votre demande est retirée."), "my_claims")


def shop_claims(request, *, shop, member):
    """What others say of the shop, and the owner's side of it: names, no addresses."""
    waiting = list(shop.claims.waiting().exclude(user=request.user).select_related("user"))
    forms = {each.pk: _form(each) for each in waiting}
    if request.method == "POST":
        chosen = get_object_or_404(shop.claims.exclude(user=request.user), pk=_posted(request))
        form = forms[chosen.pk] = _form(chosen, request.POST)
        if form.is_valid():
            try:
                claims.answer(
                    chosen, form.cleaned_data["text"], by=request.user, now=timezone.now()
                )
            except WorkflowError as error:
                messages.error(request, str(error))
                return redirect("my_shop_claims", shop.pk)
            sentence = _("Votre réponse est enregistrée\u00a0: la mairie la lit avant de décider.")
            return done(request, sentence, "my_shop_claims", shop.pk)
    rows = [(each, forms[each.pk]) for each in waiting]
    context = {"shop": shop, "version": shop.version, "rows": rows}
    return render(request, "merchants/claim/shop_claims.html", context)


def _form(claim: Claim, data=None) -> AnswerForm:
    initial = {"text": claim.answer}
    return AnswerForm(data, initial=initial, auto_id=f"id_claim_{claim.pk}_%s")


def _posted(request) -> int:
    text = request.POST.get("claim", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
