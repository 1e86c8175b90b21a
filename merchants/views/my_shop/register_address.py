"""Third step of a registration: where the shop is."""

from django.shortcuts import redirect

from merchants.forms.address import AddressForm
from merchants.models import Shop
from merchants.views.my_shop.placing import (
    held_back_for,
    pin_config,
    placer,
    saying,
    seen_address,
)
from merchants.views.my_shop.wizard import AFTER, STEPS, edit_step, finishes_later
from merchants.workflow import registration
from merchants.workflow.values import Listing


def address(request, *, shop, member):
    """An address, looked up before anything is written, and its pin; or an area without premises.

    « Finir plus tard » keeps what was typed, and asks nothing.
    """
    listing = Listing.of(shop)
    known = _twins(shop) if request.method == "POST" else set()
    form = AddressForm(
        request.POST if request.method == "POST" else None,
        listing=listing,
        seen=seen_address(request, shop, listing),
        placer=placer(request),
        complete=not finishes_later(request),
        held_back=held_back_for(request),
    )
    answer = edit_step(
        request,
        shop,
        form,
        "adresse",
        "address",
        edit=saying(request, form),
        pin_config=pin_config(listing),
    )
    is_saved = answer.status_code == 302
    if is_saved and not finishes_later(request) and _twins(shop) - known:
        # The address brings up listings that the name alone did not.
        return redirect(f"{STEPS['doublons'].address(shop)}?{AFTER}=adresse")
    return answer


def _twins(shop: Shop) -> set[int]:
    return {twin.pk for twin in registration.twins(shop)}
