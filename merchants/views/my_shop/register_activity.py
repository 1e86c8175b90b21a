"""The fourth step of a registration: what the shop does, and how."""

from merchants.forms.activity import ActivityForm
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.wizard import edit_step, finishes_later, render_step
from merchants.workflow.values import Listing


def activity(request, *, shop, member):
    """Saves all at once. A search for an activity shows what answers, and writes nothing."""
    form = ActivityForm(
        request.POST if request.method == "POST" else None,
        listing=Listing.of(shop),
        later=finishes_later(request),
    )
    if form.searches:
        version = posted_version(request)
        return render_step(request, shop, "activite", "activity", version=version, form=form)
    return edit_step(request, shop, form, "activite", "activity")
