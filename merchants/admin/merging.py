"""Two listings of one shop, side by side: which stays, and with which values."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.merging import ONE, TWO, MergeForm
from merchants.models import DistinctShops, Shop, ShopStatus
from merchants.models.history import Action
from merchants.models.proposal import ProposalStatus
from merchants.models.report import ReportStatus
from merchants.models.twins import twin_pairs
from merchants.workflow import WorkflowError
from merchants.workflow import merging as workflow
from merchants.workflow.photos import MOST_PHOTOS
from merchants.workflow.values import Listing, plain
from merchants.workflow.wording import Words, label

from .pages import choosable, render_page, scoped, town_hall_page

MOST_PAIRS = 100
# Where one came from, in an address: the list of twins, to which one then goes back.
LIST = "doublons"
# What several values are called together.
LABELS = {
    "activity": gettext_lazy("Activité"),
    "place": gettext_lazy("Adresse et point"),
    "phone": gettext_lazy("Téléphone"),
    "email": gettext_lazy("Courriel"),
}


@dataclass(frozen=True)
class Row:
    """One thing to choose: what each listing says, in lines."""

    name: str
    label: str
    one: list[str]
    two: list[str]
    # "a" or "b"; "" where there is nothing to choose.
    chosen: str

    @property
    def taken(self) -> list[str]:
        return self.one if self.chosen == ONE else self.two


@dataclass(frozen=True)
class Side:
    """One of the two listings, and what hangs on it."""

    side: str
    shop: Shop
    keepers: list
    photos: list
    entries: int
    waiting: int


@town_hall_page("fusion/", name="merging")
def merging(request):
    """Chosen first, then asked about once, then done."""
    one, two = pair_of(request)
    if one.merged_into_id == two.pk or two.merged_into_id == one.pk:
        kept = two if one.merged_into_id == two.pk else one
        messages.info(request, _("Ces deux fiches sont déjà réunies\u00a0: voici celle qui reste."))
        return redirect("admin:merchants_shop_change", kept.pk)
    form = MergeForm(request.POST if request.method == "POST" else None, one=one, two=two)
    is_valid = form.is_valid()
    if is_valid and "confirmed" in request.POST:
        try:
            workflow.merge(
                form.kept,
                form.other,
                choices=form.choices,
                by=request.user,
                now=timezone.now(),
                expected_versions=form.expected_versions,
            )
        except WorkflowError as error:
            form = MergeForm(one=one, two=two)
            messages.error(request, str(error))
            return _page(request, form, "merging", status=409)
        sentence = _("C’est fait\u00a0: les deux fiches n’en font plus qu’une, que voici.")
        messages.success(request, sentence)
        return redirect("admin:merchants_shop_change", form.kept.pk)
    if is_valid and "back" not in request.POST:
        return _page(request, form, "merging_confirm", kept=form.kept, other=form.other)
    return _page(request, form, "merging")


@town_hall_page("fusion/<int:pk>/separer/", name="unmerging")
def unmerging(request, *, pk: int):
    """Asks, then takes a merged listing apart from the one that was kept."""
    shops = scoped(request, Shop.objects.with_commune().select_related("merged_into"))
    other = shops.filter(pk=pk).first()
    if other is None:
        raise Http404
    if request.method == "POST":
        try:
            done = workflow.unmerge(other, by=request.user, now=timezone.now())
        except WorkflowError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("C’est fait\u00a0: les deux fiches sont séparées."))
            for sentence in done.lost:
                messages.warning(request, sentence)
        return redirect("admin:merchants_shop_change", pk)
    if other.merged_into is None:
        messages.info(request, _("Cette fiche n’est pas réunie avec une autre."))
        return redirect("admin:merchants_shop_change", pk)
    entry = other.history.filter(action=Action.MERGE).first()
    context = {"other": other, "kept": other.merged_into, "entry": entry}
    return render_page(request, "unmerging", context, title=_("Séparer deux fiches"))


@town_hall_page(
    "doublons/",
    name="twins",
    title=gettext_lazy("Doublons possibles"),
    help=gettext_lazy("Des fiches qui se ressemblent, à comparer et à réunir."),
    of_commune=True,
    methods=("GET", "HEAD"),
)
def twins(request, *, commune):
    """Pairs of a commune that look like one shop. Five queries, however many pairs; one more where
    the address names a pair that was just told apart."""
    shops = commune.shops.without_private_drafts().exclude(
        status__in=[*ShopStatus.over(), ShopStatus.REFUSED]
    )
    pairs = twin_pairs(shops, city=commune.name, most=MOST_PAIRS + 1)
    context = {
        "commune": commune,
        "communes": choosable(request),
        "pairs": pairs[:MOST_PAIRS],
        "are_more": len(pairs) > MOST_PAIRS,
        "most": MOST_PAIRS,
        "back": LIST,
        "said": _just_said(request),
    }
    return render_page(request, "twins", context, title=_("Doublons possibles"))


def _just_said(request) -> DistinctShops | None:
    """The pair that `distinct` has sent back here with, if it is the person's to see."""
    key = request.GET.get("dit", "")
    if not (key.isascii() and key.isdigit()):
        return None
    pairs = DistinctShops.objects.select_related("one", "two").filter(pk=key[:15])
    return scoped(request, scoped(request, pairs, "one__commune"), "two__commune").first()


def merging_address(one: Shop, two: Shop, *, back: str = "") -> str:
    """The page that puts two listings side by side; `back`, see LIST."""
    address = f"{reverse('admin:merging')}?a={one.pk}&b={two.pk}"
    return f"{address}&retour={back}" if back == LIST else address


def pair_of(request) -> tuple[Shop, Shop]:
    """Both listings of the address, each in the person's communes. Raises Http404."""
    keys = [request.GET.get(side, "") for side in (ONE, TWO)]
    if keys[0] == keys[1] or not all(key.isascii() and key.isdigit() for key in keys):
        raise Http404
    shops = scoped(request, Shop.objects.without_private_drafts()).with_commune().for_page()
    found = {str(shop.pk): shop for shop in shops.filter(pk__in=[key[:15] for key in keys])}
    if len(found) < 2:
        raise Http404
    return found[keys[0]], found[keys[1]]


def _page(request, form: MergeForm, template: str, *, status: int = 200, **context):
    sides = [_side(side, shop) for side, shop in form.shops.items()]
    rows = _rows(form)
    photos = sum(len(side.photos) for side in sides)
    one, two = sides[0].shop, sides[1].shop
    said = DistinctShops.objects.about([one.pk]).about([two.pk]).select_related("by").first()
    back = request.GET.get("retour", "")
    context |= {
        "form": form,
        "sides": sides,
        "said": said,
        "back": back,
        "rows": [row for row in rows if row.chosen],
        "same": [row for row in rows if row.one and row.one == row.two],
        "of_two_communes": one.commune_id != two.commune_id,
        "keep": form.chosen("keep"),
        "action": merging_address(one, two, back=back),
        "left_photos": max(0, photos - MOST_PHOTOS),
        "most_photos": MOST_PHOTOS,
    }
    return render_page(request, template, context, title=_("Réunir deux fiches"), status=status)


def _side(side: str, shop: Shop) -> Side:
    waiting = [
        shop.proposals.filter(status=ProposalStatus.PENDING),
        shop.claims.waiting(),
        shop.reports.filter(status=ReportStatus.WAITING),
    ]
    return Side(
        side=side,
        shop=shop,
        keepers=list(shop.members.select_related("user")),
        photos=list(shop.photos.all()),
        entries=shop.history.count(),
        waiting=sum(rows.count() for rows in waiting),
    )


def _rows(form: MergeForm) -> list[Row]:
    words = Words()
    values = [plain(Listing.of(shop)) for shop in form.shops.values()]
    return [
        Row(
            name=name,
            label=str(LABELS.get(name) or label(name)),
            one=_lines(words, name, values[0]),
            two=_lines(words, name, values[1]),
            chosen=form.chosen(name) if name in form.names else "",
        )
        for name in workflow.FIELDS
    ]


def _lines(words: Words, name: str, values: Mapping) -> list[str]:
    """What one listing says under that name; nothing where it says nothing."""
    if name == "place":
        street = f"{values['house_number']} {values['street']}".strip()
        town = f"{values['postcode']} {values['city']}".strip()
        point = words.value("point", values["point"])
        if point:
            source = words.value("location_source", values["location_source"])
            point = _("Point\u00a0: %(point)s (%(source)s)") % {"point": point, "source": source}
        return [line for line in (street, values["address_extra"], town, point) if line]
    if name in {"phone", "email"}:
        value = words.value(name, values[name])
        is_hidden = bool(value) and not values[f"{name}_is_public"]
        return [line for line in (value, _("caché aux habitants") if is_hidden else "") if line]
    if name == "hours":
        week = words.value("hours", values["hours"])
        rule = words.value("holiday_rule", values["holiday_rule"])
        holidays = _("Jours fériés\u00a0: %(rule)s") % {"rule": rule}
        return [*week.split("\u202f; "), holidays] if week else [holidays]
    told = [words.value(part, values[part]) for part in workflow.FIELDS[name]]
    return [line for line in told if line]
