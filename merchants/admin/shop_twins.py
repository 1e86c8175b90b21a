"""What may be the same shop as a listing, and what was merged with it: links of its page."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from merchants.models import DistinctShops, Shop, ShopStatus
from merchants.opening_hours.phrases import full_date_text

from .merging import merging_address


def told_twins(shop: Shop) -> SafeString | str:
    """Links that put each side by side with this one; then what was said to be another shop, with
    the way to say otherwise. Four queries."""
    if not shop.pk or shop.status == ShopStatus.MERGED:
        return "–"
    # As it is stored: after a mistake, the form has filled its own.
    shop = Shop.objects.with_commune().get(pk=shop.pk)
    shops = Shop.objects.without_private_drafts().in_commune(shop.commune).exclude(pk=shop.pk)
    place = {"siret": shop.siret, "street": shop.street, "commune": shop.commune}
    found = shops.not_told_apart_from(shop).likely_twins(shop.name, shop.point, **place)
    alike = format_html_join(
        "",
        '<p><a href="{}">{}</a> ({})</p>',
        (
            (
                merging_address(shop, twin),
                _("Comparer avec «\u00a0%s\u00a0»") % twin.name,
                ", ".join(filter(None, [twin.address_line, twin.get_status_display()])),
            )
            for twin in found
        ),
    )
    return alike + _told_apart(shop) or "–"


def _told_apart(shop: Shop) -> SafeString:
    """What the town hall said to be another shop of the commune, unless that was merged since; one
    query."""
    pairs = DistinctShops.objects.about([shop.pk]).select_related("one", "two").order_by("at", "pk")
    return format_html_join(
        "",
        '<p>{} <a href="{}">{}</a></p>',
        (
            (
                _("Dite différente de «\u00a0%(name)s\u00a0» le %(date)s\u00a0:")
                % {"name": twin.name, "date": full_date_text(timezone.localtime(pair.at), _)},
                merging_address(shop, twin),
                _("revenir dessus"),
            )
            for pair in pairs
            if (twin := pair.other_than(shop)).status != ShopStatus.MERGED
            and twin.commune_id == shop.commune_id
        ),
    )


def told_merges(shop: Shop) -> SafeString | str:
    """What it was merged into, or what was merged into it, with the way back."""
    if not shop.pk:
        return "–"
    back = _("Séparer de nouveau")
    if shop.merged_into_id:
        kept = shop.merged_into
        return format_html(
            '<a href="{}">{}</a>. <a href="{}">{}</a>',
            reverse("admin:merchants_shop_change", args=[kept.pk]),
            _("Fiche réunie avec «\u00a0%s\u00a0», qui reste") % kept.name,
            reverse("admin:unmerging", args=[shop.pk]),
            back,
        )
    return (
        format_html_join(
            "",
            '<p>{} <a href="{}">{}</a></p>',
            (
                (twin.name, reverse("admin:unmerging", args=[twin.pk]), back)
                for twin in shop.merged.order_by("name", "pk")
            ),
        )
        or "–"
    )
