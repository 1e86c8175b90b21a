"""A commune's settings, for its referents: what the town hall says, shows and asks."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.town_hall import LogoForm, TownHallForm
from merchants.workflow import WorkflowError, communes

from .commune import log_settings
from .pages import choosable, render_page, town_hall_page


@town_hall_page(
    "reglages/",
    name="settings",
    title=gettext_lazy("Réglages de la commune"),
    help=gettext_lazy("Coordonnées, textes, couleur, logo, règles et catégories"),
    of_commune=True,
    referents_only=True,
)
def settings(request, *, commune):
    """POST with `do=preview` shows the colour, and writes nothing."""
    form = TownHallForm(request.POST or None, commune=commune)
    is_preview = request.POST.get("do") == "preview"
    if request.method == "POST" and form.is_valid() and not is_preview:
        try:
            communes.update_town_hall(commune, form.changes, by=request.user, now=timezone.now())
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            log_settings(request, commune, [form[name].label for name in form.changed_data])
            return _saved(request, commune, bool(form.changed_data))
    return _page(request, commune, form, LogoForm(), is_preview)


@town_hall_page(
    "reglages/logo/",
    name="settings_logo",
    of_commune=True,
    referents_only=True,
    methods=("POST",),
)
def logo(request, *, commune):
    """The logo apart: a file cannot come back with a form that has a mistake."""
    removes = request.POST.get("do") == "remove"
    form = LogoForm(request.POST, request.FILES)
    if removes or form.is_valid():
        file = None if removes else form.cleaned_data["logo"]
        try:
            communes.set_logo(commune, file, by=request.user, now=timezone.now())
        except WorkflowError as error:
            form.add_error("logo", str(error))
        else:
            log_settings(request, commune, [gettext_lazy("Logo")])
            return _saved(request, commune, True)
    return _page(request, commune, TownHallForm(commune=commune), form)


def _page(request, commune, form, logo_form, is_preview: bool = False):
    context = {
        "commune": commune,
        "communes": choosable(request, referents_only=True),
        "form": form,
        "logo_form": logo_form,
        "is_preview": is_preview,
    }
    return render_page(request, "settings", context, title=_("Réglages de la commune"))


def _saved(request, commune, is_changed: bool):
    sentence = _("C’est enregistré.") if is_changed else _("Rien n’a changé.")
    messages.success(request, sentence)
    return redirect(f"{reverse('admin:settings')}?commune={commune.insee_code}")
