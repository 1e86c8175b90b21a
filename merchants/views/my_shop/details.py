"""Description, contact, services; name, address, category and SIRET."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.my_shop import ContactForm, DescriptionForm, IdentityForm, ServicesForm
from merchants.models import ShopStatus
from merchants.views.my_shop.editing import done, edit_page, page
from merchants.workflow import WorkflowError
from merchants.workflow.edit import pending_proposal, reviewed_fields, with_proposal
from merchants.workflow.listing import Listing
from merchants.workflow.proposals import last_refusal, withdraw
from merchants.workflow.values import with_values
from merchants.workflow.wording import Words


def description(request, *, shop, member):
    return _edit(request, shop, DescriptionForm, "description")


def contact(request, *, shop, member):
    return _edit(request, shop, ContactForm, "contact", field="phone")


def services(request, *, shop, member):
    return _edit(request, shop, ServicesForm, "services")


def identity(request, *, shop, member):
    """What the town hall answers for; a refused proposal comes back to be corrected."""
    refused = None if pending_proposal(shop) else last_refusal(shop)
    listing = None
    if refused:
        # What was not theirs to decide any more, a category that is gone, is left out.
        try:
            listing = with_values(Listing.of(shop), refused.new_values)
        except KeyError:
            listing = None
    words = Words()
    return _edit(
        request,
        shop,
        IdentityForm,
        "identity",
        field="name",
        listing=listing,
        refused=refused,
        refused_lines=words.lines(refused.changes) if refused else [],
        back=("my_shop_identity", shop.pk),
    )


@require_POST
def withdraw_proposal(request, *, shop, member):
    """Takes the pending proposal back."""
    proposal = pending_proposal(shop)
    if proposal:
        try:
            withdraw(proposal, by=request.user, now=timezone.now())
        except WorkflowError as error:
            return page(request, shop, "refused", sentence=str(error))
    return done(request, _("La proposition est retirée."), "my_shop_identity", shop.pk)


def _edit(request, shop, form_class, template, *, field="", listing=None, back=None, **context):
    """`field` stands for all of the page: whether the town hall looks at its changes first."""
    proposal = pending_proposal(shop)
    listing = listing or with_proposal(shop, proposal)
    form = form_class(request.POST if request.method == "POST" else None, listing=listing)
    return edit_page(
        request,
        shop,
        form,
        template,
        back=back or ("my_shops",),
        reviewed=(field or template) in reviewed_fields(shop),
        proposal=proposal,
        proposal_lines=Words().lines(proposal.changes) if proposal else [],
        is_closed=shop.status == ShopStatus.CLOSED,
        **context,
    )
