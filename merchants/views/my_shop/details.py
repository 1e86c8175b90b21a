"""Description, contact, services; name, address, category and SIRET."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.my_shop import ContactForm, DescriptionForm, IdentityForm, ServicesForm
from merchants.models import Proposal
from merchants.views.my_shop.access import acting_as, posted_version
from merchants.views.my_shop.editing import done, edit_page, page, review
from merchants.views.my_shop.placing import (
    held_back_for,
    pin_config,
    placer,
    saying,
    seen_address,
)
from merchants.workflow import WorkflowError
from merchants.workflow.edit import shown_listing
from merchants.workflow.listing import Listing
from merchants.workflow.proposals import give_up, page_of, withdraw


def description(request, *, shop, member):
    return _edit(request, shop, DescriptionForm, "description")


def contact(request, *, shop, member):
    return _edit(request, shop, ContactForm, "contact")


def services(request, *, shop, member):
    return _edit(request, shop, ServicesForm, "services")


def identity(request, *, shop, member):
    """What the town hall answers for; a refused proposal comes back to be corrected."""
    shown = shown_listing(shop, acting_as(request))
    form = IdentityForm(
        request.POST if request.method == "POST" else None,
        listing=shown.listing,
        seen=seen_address(request, shop, shown.listing, shown.refused),
        public=Listing.of(shop),
        placer=placer(request),
        held_back=held_back_for(request),
    )
    return edit_page(
        request,
        shop,
        form,
        "identity",
        back=("my_shop_identity", shop.pk),
        edit=saying(request, form),
        pin_config=pin_config(shown.listing),
        **review(request, shop, shown, "my_shop_identity"),
    )


@require_POST
def withdraw_proposal(request, *, shop, member):
    """Takes the pending proposal back: the one that the page showed, and no other."""
    return _end(request, shop, withdraw, _("La proposition est retirée."))


@require_POST
def drop_proposal(request, *, shop, member):
    """Nobody comes back to the refused proposal."""
    return _end(request, shop, give_up, _("La proposition est abandonnée."))


def _end(request, shop, act, sentence: str):
    key = posted_version(request, "proposal")
    proposal = get_object_or_404(Proposal.objects.select_related("shop"), shop=shop, pk=key)
    try:
        act(proposal, by=request.user, now=timezone.now())
    except WorkflowError as error:
        return page(request, shop, "refused", sentence=str(error))
    return done(request, sentence, page_of(proposal.changes), shop.pk)


def _edit(request, shop, form_class, template):
    shown = shown_listing(shop, acting_as(request))
    data = request.POST if request.method == "POST" else None
    form = form_class(data, listing=shown.listing)
    return edit_page(
        request, shop, form, template, **review(request, shop, shown, f"my_shop_{template}")
    )
