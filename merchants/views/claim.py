"""« C’est mon commerce »: from a listing's public page to a claim."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.claim import ClaimForm, CodeForm
from merchants.models import Claim, Shop
from merchants.models.claim import CodeChannel
from merchants.views.merged import follow_merged
from merchants.views.my_shop.editing import done
from merchants.workflow import WorkflowError, claims


@follow_merged
def claim(request, *, commune_slug: str, shop_slug: str):
    """Says how one proves it, and asks; somebody who asked already sees how it stands."""
    shops = Shop.objects.published().with_commune().select_related("main_category")
    shop = get_object_or_404(shops, commune__slug=commune_slug, slug=shop_slug)
    own_address = claims.own_address(shop, request.user)
    posted = request.method == "POST"
    form = ClaimForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        shop=shop,
        own_address=own_address,
    )
    if posted and form.is_valid():
        try:
            made = claims.claim(shop, by=request.user, now=timezone.now(), **form.values)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return done(
                request,
                " ".join([_("Votre demande est partie."), _next_step(made)]),
                "my_claims",
            )
    members = list(shop.members.values_list("user", flat=True))
    waiting = shop.claims.waiting().filter(user=request.user).first()
    context = {
        "shop": shop,
        "form": form,
        "code_form": CodeForm(),
        "is_kept": bool(members),
        "is_member": request.user.pk in members,
        "waiting": waiting,
        "next_step": waiting and _next_step(waiting),
    }
    return render(request, "merchants/claim/claim.html", context)


def _next_step(claim: Claim) -> str:
    """What the town hall does with a claim, in a sentence."""
    return {
        CodeChannel.IN_PERSON: _("La mairie passe au commerce vous remettre un code."),
        CodeChannel.POST: _("La mairie envoie une lettre au commerce, avec un code."),
        CodeChannel.PHONE: _("La mairie appelle le numéro de la fiche, et vous donne un code."),
    }.get(claim.channel) or _("La mairie vous répond par courriel.")
