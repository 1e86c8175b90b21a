"""Paper forms: one listing, or a whole list of them, to be filled in by hand."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from merchants.forms.call import CallFilterForm
from merchants.models import Commune, Shop
from merchants.opening_hours.phrases import weekday_text
from merchants.paper_forms import FormWords, ShopForm, paper_forms_pdf
from merchants.templatetags.display import confirmed
from merchants.workflow import letters, town_hall

from .pages import town_hall_page

MOST_PAGES = 200


@town_hall_page("appels/fiche.pdf", name="call_sheets", of_commune=True, methods=("GET", "HEAD"))
def call_sheets(request, *, commune: Commune):
    """The forms of the filtered list, or of the one shop that `commerce` names."""
    shops = CallFilterForm(request.GET, commune=commune, now=timezone.now()).shops()
    if number := request.GET.get("commerce", ""):
        shops = commune.shops.published().filter(pk=number if number.isdecimal() else None)
    shops = shops.with_commune().select_related("main_category")
    shops = shops.prefetch_related("categories__parent", "services", "periods", "specials")
    found = list(shops[:MOST_PAGES])
    if not found:
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        pdf = paper_forms_pdf(_words(commune), [_form_of(shop) for shop in found])
    name = f"fiche-{found[0].slug}" if len(found) == 1 else f"fiches-{commune.slug}"
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _words(commune: Commune) -> FormWords:
    name = town_hall.name_of(commune)
    return FormWords(
        title=_("%(town_hall)s\u00a0: votre fiche dans l’annuaire des commerces")
        % {"town_hall": name},
        intro=_(
            "Cochez ce qui est exact et corrigez le reste à la main. Inutile de signer. "
            "Le dessin à droite mène à la fiche en ligne."
        ),
        says=_("Ce que dit la fiche"),
        right=_("exact"),
        wrong=_("à corriger"),
        correction=_("Correction"),
        week=_("Vos horaires, s’ils ont changé"),
        days=(*(weekday_text(day, _).capitalize() for day in range(7)), _("Jours fériés")),
        morning=_("Matin, ou toute la journée"),
        afternoon=_("Après-midi"),
        opens=_("de"),
        closes=_("à"),
        closed=_("Fermé"),
        to_write=(
            _("Téléphone pour les clients\u00a0:"),
            _("Courriel, site\u00a0:"),
            _("Remarques\u00a0:"),
            "",
        ),
        give_back=_("À rendre à la mairie, ou à photographier et à envoyer\u00a0:"),
        contact=tuple(town_hall.contact_lines(commune)),
    )


def _form_of(shop: Shop) -> ShopForm:
    url = settings.SITE_URL + reverse("shop", args=[shop.commune.slug, shop.slug])
    facts = letters.facts(shop)
    address = next(fact.line for fact in facts if fact.label == _("Adresse"))
    return ShopForm(
        name=shop.name,
        address=address,
        confirmed=confirmed(shop),
        facts=tuple(facts),
        url=url,
        shown_url=url.removeprefix("https://").removeprefix("http://"),
    )
