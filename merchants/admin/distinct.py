"""« Ce ne sont pas des doublons »: said of two listings side by side, and taken back."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from merchants.models import DistinctShops, Shop
from merchants.workflow import WorkflowError
from merchants.workflow import distinct as workflow

from .merging import LIST, merging_address, pair_of
from .pages import town_hall_page


@town_hall_page("fusion/differentes/", name="distinct", methods=("POST",))
def distinct(request):
    """The button says which; the page that it stands on is the one that comes back."""
    one, two = pair_of(request)
    act = {"by": request.user, "now": timezone.now()}
    try:
        if "undo" in request.POST:
            workflow.take_back(one, two, **act)
            messages.success(request, _("C’est annulé\u00a0: la paire est de nouveau proposée."))
            return redirect(_back(request, one, two))
        pair = workflow.tell_apart(one, two, **act)
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect(_back(request, one, two))
    return redirect(_back(request, one, two, pair))


def _back(request, one: Shop, two: Shop, said: DistinctShops | None = None) -> str:
    """The list of twins, or the page of the pair: both tell what was said, and take it back."""
    if request.POST.get("back") != LIST:
        return merging_address(one, two)
    query = {"commune": one.commune.insee_code} | ({"dit": said.pk} if said else {})
    return f"{reverse('admin:twins')}?{urlencode(query)}"
