from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from merchants.forms.shop import ShopForm
from merchants.models import ServiceOption, Shop
from merchants.models.shop import Confirmer
from merchants.workflow import WorkflowError, listing, status

from .doors import MatchingSearch, ThroughWorkflow


class ServiceInline(admin.TabularInline):
    model = ServiceOption
    extra = 0
    fields = list(listing.SERVICE_FIELDS)


@admin.register(Shop)
class ShopAdmin(MatchingSearch, ThroughWorkflow, admin.ModelAdmin):
    """Listings. Every write goes through `workflow`, which keeps search and pages true.

    None is deleted here: a shop that is gone is closed, and what was said of it stays.
    """

    form = ShopForm
    inlines = [ServiceInline]
    list_display = ["name", "commune", "main_category", "status", "confirmed_at", "confirmed_as"]
    list_filter = [
        "status",
        ("commune", admin.RelatedOnlyFieldListFilter),
        "main_category__parent",
        "confirmed_as",
    ]
    search_fields = ["search_text", "siret"]
    number_field = "siret"
    autocomplete_fields = ["commune"]
    date_hierarchy = "confirmed_at"
    actions = ["publish", "refuse", "suspend", "reopen", "close", "confirm_by_phone"]
    readonly_fields = [
        "status", "slug", "confirmed_at", "confirmed_as", "confirmed_by", "source", "source_id",
    ]  # fmt: skip
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
                    ("latitude", "longitude"),
                    ("location_source", "location_precision"),
                    "service_area",
                ]
            },
        ),
        (_("Horaires"), {"fields": ["hours", "holiday_rule"]}),
        (_("Contact"), {"fields": ["phone", "email", "website", "shop_url", "social_links"]}),
        (_("Accueil"), {"fields": ["step_free", "payment_means"]}),
        (_("Suivi"), {"fields": readonly_fields}),
    ]  # fmt: skip

    def get_queryset(self, request):
        shops = super().get_queryset(request)
        shops = shops.with_commune().select_related("main_category")
        return shops.prefetch_related("periods", "specials", "categories", "services")

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """The form has built a `Listing`; the object that the admin goes on with is its shop."""
        act = {"by": request.user, "now": timezone.now()}
        if change:
            listing.update_listing(obj, form.listing, **act)
        else:
            created = listing.create_listing(form.listing, status="pending", **act)
            obj.__dict__.update(created.__dict__)

    def save_related(self, request, form, formsets, change):
        """Categories are saved with the listing; services are replaced as a whole.

        The last step of the write: what the hours lost on the way is said after it.
        """
        form.save_m2m = lambda: None
        rows = [row for formset in formsets for row in formset.cleaned_data if row]
        services = [
            listing.Service(**{name: row[name] for name in listing.SERVICE_FIELDS})
            for row in rows
            if not row["DELETE"]
        ]
        listing.set_services(form.instance, services, by=request.user, now=timezone.now())
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        schedule = form.listing.schedule
        for sentence in schedule.losses if schedule else ():
            self.message_user(request, sentence, messages.WARNING)

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request, queryset):
        self._each(request, queryset, status.publish)

    @admin.action(description=_("Refuser"), permissions=["change"])
    def refuse(self, request, queryset):
        self._each(request, queryset, status.refuse)

    @admin.action(description=_("Suspendre"), permissions=["change"])
    def suspend(self, request, queryset):
        self._each(request, queryset, status.suspend)

    @admin.action(description=_("Rouvrir"), permissions=["change"])
    def reopen(self, request, queryset):
        self._each(request, queryset, status.reopen)

    @admin.action(description=_("Marquer comme fermés définitivement"), permissions=["change"])
    def close(self, request, queryset):
        self._each(request, queryset, status.close)

    @admin.action(description=_("Confirmer par téléphone"), permissions=["change"])
    def confirm_by_phone(self, request, queryset):
        self._each(request, queryset, status.confirm, as_=Confirmer.TOWN_HALL_BY_PHONE)

    def _each(self, request, queryset, act, **arguments):
        """Applies a workflow function to each listing; says how many, and each refusal."""
        done = 0
        for shop in queryset.select_related("commune"):
            try:
                act(shop, by=request.user, now=timezone.now(), **arguments)
            except WorkflowError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                done += 1
        if done:
            sentence = ngettext("%d fiche a été traitée.", "%d fiches ont été traitées.", done)
            self.message_user(request, sentence % done, messages.SUCCESS)
