from dataclasses import replace

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from merchants.forms.shop import ShopForm
from merchants.models import (
    Commune,
    Photo,
    ServiceOption,
    Shop,
    ShopMember,
    ShopStatus,
)
from merchants.models.shop import Confirmer
from merchants.workflow import WorkflowError, listing, members, photos, status
from merchants.workflow.history import not_permitted

from . import placing, shop_decisions
from .confirmed import Confirmed
from .doors import ByCommune, DecisionForm, LongList, MatchingSearch, ThroughWorkflow
from .export import ExportsListings
from .group import Group
from .merging import merging_address
from .shop_history import told_history
from .shop_twins import told_merges, told_twins
from .to_place import ToPlace


class LikeItsShop:
    """Rows of a listing: whoever may change the listing may change them.

    Stacked and not in a table: Django's has fields without a label, titles without a word, and is
    wider than any screen.
    """

    def has_view_permission(self, request, obj=None):
        return self._shops.has_view_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._shops.has_change_permission(request, obj)

    def has_add_permission(self, request, obj):
        if obj is None:
            return self._shops.has_add_permission(request)
        return self._shops.has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._shops.has_change_permission(request, obj)

    @property
    def _shops(self):
        return self.admin_site.get_model_admin(Shop)


class ServiceInline(LikeItsShop, admin.StackedInline):
    model = ServiceOption
    extra = 0
    # `listing.SERVICE_FIELDS`, two by two.
    fields = [
        ("kind", "note"),
        ("area", "delay"),
        ("minimum_order", "fee"),
        ("how_to_order", "pickup_place"),
    ]


class MemberForm(forms.ModelForm):
    """Somebody who keeps the listing is not turned into somebody else."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "user" in self.fields:
            self.fields["user"].disabled = True


class MemberInline(LikeItsShop, admin.StackedInline):
    """Who keeps the listing; the first one may be named by an administrator.

    Agents only read it: to choose somebody is to look through all accounts.
    """

    model = ShopMember
    form = MemberForm
    extra = 0
    readonly_fields = ["who", "since"]
    autocomplete_fields = ["user"]

    def get_fields(self, request, obj=None):
        return ["user" if request.user.is_superuser else "who", "role", "since"]

    @admin.display(description=_("compte"))
    def who(self, member):
        return member.user

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request, obj):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user")


class PhotoInline(LikeItsShop, admin.StackedInline):
    """What merchants show at once; the town hall takes away what should not stand there."""

    model = Photo
    fields = ["picture", "alt"]
    readonly_fields = fields

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("photo"))
    def picture(self, photo):
        return format_html('<img src="{}" width="160" alt="">', photo.smallest_url)


@admin.register(Shop)
class ShopAdmin(
    ExportsListings, LongList, MatchingSearch, ThroughWorkflow, ByCommune, admin.ModelAdmin
):
    """Listings. Every write goes through `workflow`, which keeps search and pages true.

    None is deleted here: a shop that is gone is closed, and what was said of it stays.
    """

    form = ShopForm
    inlines = [ServiceInline, PhotoInline, MemberInline]
    list_display = ["name", "commune", "main_category", "status", "confirmed_at", "confirmed_as"]
    list_filter = [
        "status",
        ToPlace,
        ("commune", admin.RelatedOnlyFieldListFilter),
        ("main_category__parent", Group),
        "confirmed_as",
        Confirmed,
    ]
    search_fields = ["search_text", "siret"]
    number_field = "siret"
    autocomplete_fields = ["commune"]
    action_form = DecisionForm
    actions = [
        "publish", "refuse", "suspend", "reopen", "close", "confirm_by_phone", "merge",
        "export_csv", "export_xlsx", "export_geojson",
    ]  # fmt: skip
    followed = [
        "status", "slug", "confirmed_at", "confirmed_as", "confirmed_by", "source", "source_id",
    ]  # fmt: skip
    readonly_fields = [*followed, "history", "twins", "merges"]
    fieldsets = [
        (None, {"fields": ["commune", "name", "main_category", "categories", "siret"]}),
        (_("Description"), {"fields": ["description"]}),
        (
            _("Adresse"),
            {
                "fields": [
                    ("house_number", "street"),
                    "address_extra",
                    ("postcode", "city"),
                    "service_area",
                ]
            },
        ),
        # Below its map: admin/merchants/shop/change_form.html.
        (
            _("Coordonnées du point"),
            {
                "classes": ["shop-coordinates"],
                "fields": [
                    ("latitude", "longitude"),
                    ("location_source", "location_precision"),
                ],
            },
        ),
        (_("Horaires"), {"fields": ["hours", "holiday_rule"]}),
        (
            _("Contact"),
            {
                "fields": [
                    ("phone", "phone_is_public"),
                    ("email", "email_is_public"),
                    "website",
                    "shop_url",
                    "social_links",
                ]
            },
        ),
        (_("Accueil"), {"fields": ["step_free", "payment_means"]}),
        (_("Suivi"), {"fields": [*followed, "seen_version"]}),
        (_("Doublons"), {"fields": ["twins", "merges"]}),
        (_("Historique"), {"fields": ["history"]}),
    ]  # fmt: skip

    def get_list_display(self, request):
        """Without the commune, for whoever has one only."""
        columns = super().get_list_display(request)
        if request.user.is_superuser or len(self.communes(request, "view")) > 1:
            return columns
        return [name for name in columns if name != "commune"]

    def get_queryset(self, request):
        return self.lines(super().get_queryset(request).without_private_drafts())

    def lines(self, rows):
        return rows.with_commune().select_related("main_category")

    def get_object(self, request, object_id, from_field=None):
        shop = super().get_object(request, object_id, from_field)
        if shop is not None:
            prefetch_related_objects([shop], "periods", "specials", "categories", "services")
        return shop

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        """A merged listing is read: the one that was kept is written."""
        if obj is not None and obj.status == ShopStatus.MERGED:
            return False
        return super().has_change_permission(request, obj)

    def view_on_site(self, shop):
        """None where its page is not found: not online yet, or gone."""
        if shop.status == ShopStatus.PUBLISHED or shop.says_goodbye(timezone.now()):
            return shop.get_absolute_url()
        return None

    def get_autocomplete_fields(self, request):
        # Agents choose among their communes, and read no list of all of them.
        return self.autocomplete_fields if request.user.is_superuser else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if "commune" in form.base_fields and not request.user.is_superuser:
            theirs = self.communes(request, "change" if change else "add")
            form.base_fields["commune"].queryset = Commune.objects.light().filter(pk__in=theirs)
        return form

    @transaction.atomic
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Under lock while a form is read: the version that it names is then the last word."""
        if request.method == "POST" and str(object_id).isdigit():
            list(Shop.objects.select_for_update().filter(pk=object_id).values("pk"))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request, context, *args, **kwargs):
        shop = context["original"]
        may = shop and self.has_change_permission(request, shop)
        context["decisions"] = shop_decisions.links(shop) if may else []
        is_form = "latitude" in context["adminform"].form.fields
        context["point_config"] = placing.point_config(request, shop) if is_form else None
        context["next_to_place"] = placing.NEXT if placing.comes_from_queue(request) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Qui a changé quoi"))
    def history(self, shop):
        return told_history(shop)

    @admin.display(description=_("Doublons possibles"))
    def twins(self, shop):
        return told_twins(shop)

    @admin.display(description=_("Fiches réunies"))
    def merges(self, shop):
        return told_merges(shop)

    def response_post_save_change(self, request, obj):
        if placing.NEXT not in request.POST:
            return super().response_post_save_change(request, obj)
        address = placing.next_address(request, obj, self.get_preserved_filters(request))
        if address:
            return redirect(address)
        self.message_user(request, _("Il n’y a plus de fiche à placer."), messages.SUCCESS)
        return super().response_post_save_change(request, obj)

    def save_model(self, request, obj, form, change):
        """A listing is written once, with its services: see `save_related`."""

    def save_related(self, request, form, formsets, change):
        """The form has built a `Listing`, written here with its services as a whole.

        The last step of the write: what the hours lost on the way is said after it.
        """
        form.save_m2m = lambda: None
        act = {"by": request.user, "now": timezone.now()}
        services = tuple(
            listing.Service(**{name: row[name] for name in listing.SERVICE_FIELDS})
            for row in _rows(formsets, ServiceOption)
            if not row["DELETE"]
        )
        values = replace(form.listing, services=services)
        if change:
            listing.update_listing(form.instance, values, **act)
        else:
            created = listing.create_listing(values, status="pending", **act)
            form.instance.__dict__.update(created.__dict__)
        for row in _rows(formsets, ShopMember) if request.user.is_superuser else ():
            self._save_member(request, form.instance, row, act)
        for row in _rows(formsets, Photo):
            if row["DELETE"]:
                self._act(request, photos.remove_photo, row["id"], **act)
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        if form.drops_point:
            self.message_user(
                request,
                _("L’adresse a changé\u00a0: le point sera replacé sur la carte cette nuit."),
                messages.WARNING,
            )
        schedule = form.listing.schedule
        for sentence in schedule.losses if schedule else ():
            self.message_user(request, sentence, messages.WARNING)

    def _save_member(self, request, shop, row, act):
        if not row["DELETE"]:
            self._act(request, members.add_member, shop, row["user"], role=row["role"], **act)
        elif row.get("id"):
            self._act(request, members.remove_member, row["id"], **act)

    def _act(self, request, write, *arguments, **act):
        """What the rules refuse is said, and the rest is kept."""
        try:
            write(*arguments, **act)
        except WorkflowError as error:
            self.message_user(request, str(error), messages.WARNING)

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        self._each(request, queryset, status.publish)

    @admin.action(description=_("Refuser, avec le motif écrit à côté"), permissions=["change"])
    def refuse(self, request, queryset):
        reason = request.POST.get("reason", "")
        self._each(request, queryset, status.refuse, reason=reason)

    @admin.action(description=_("Suspendre, avec le motif écrit à côté"), permissions=["change"])
    def suspend(self, request, queryset):
        reason = request.POST.get("reason", "")
        self._each(request, queryset, status.suspend, reason=reason)

    @admin.action(description=_("Rouvrir"), permissions=["change"])
    def reopen(self, request, queryset):
        self._each(request, queryset, status.reopen)

    @admin.action(description=_("Marquer comme fermés définitivement"), permissions=["change"])
    def close(self, request, queryset):
        self._each(request, queryset, status.close)

    @admin.action(description=_("Confirmer par téléphone"), permissions=["change"])
    def confirm_by_phone(self, request, queryset):
        self._each(request, queryset, status.confirm, as_=Confirmer.TOWN_HALL_BY_PHONE)

    @admin.action(description=_("Réunir ces deux fiches"), permissions=["change"])
    def merge(self, request, queryset):
        pair = list(queryset.order_by("pk")[:3])
        if len(pair) == 2:
            return redirect(merging_address(*pair))
        self.message_user(request, _("Cochez exactement deux fiches."), messages.WARNING)
        return None

    def _each(self, request, queryset, act, **arguments):
        """Applies a workflow function to each listing; says how many, and each refusal."""
        done = 0
        for shop in queryset.select_related("commune"):
            try:
                if not self.has_change_permission(request, shop):
                    raise WorkflowError(not_permitted())
                act(shop, by=request.user, now=timezone.now(), **arguments)
            except WorkflowError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                done += 1
        if done:
            sentence = ngettext("%d fiche a été traitée.", "%d fiches ont été traitées.", done)
            self.message_user(request, sentence % done, messages.SUCCESS)


def _rows(formsets, model) -> list[dict]:
    return [
        row for formset in formsets if formset.model is model for row in formset.cleaned_data if row
    ]
