"""What the admin of a model needs: who comes in, what the workflow writes, how lists search."""

import re
from functools import reduce

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from merchants.models import CommuneRole
from merchants.models.role import RoleKind
from merchants.workflow import WorkflowError


def roles_of(request) -> dict[int, str]:
    """What the person is in which commune, by its primary key. One query for one page."""
    if not hasattr(request, "town_hall_roles"):
        roles = CommuneRole.objects.filter(user=request.user)
        request.town_hall_roles = dict(roles.values_list("commune", "role"))
    return request.town_hall_roles


def decides_in(request) -> set[int]:
    """The communes whose agent or referent the person is; helpers decide nothing."""
    return {pk for pk, role in roles_of(request).items() if role != RoleKind.HELPER}


class ByCommune:
    """Agents and referents see and change the rows of their communes, and no others.

    `commune_path` says how the commune of a row is reached. Superusers have every right
    everywhere. Django's own permissions add theirs, in the communes where the person has a role.
    """

    commune_path = "commune"

    def communes(self, request, right: str) -> set[int]:
        """Where somebody who is no superuser may "view", "change" or "add" rows."""
        if getattr(super(), f"has_{right}_permission")(request):
            return set(roles_of(request))
        return decides_in(request)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.commune_path}__in": self.communes(request, "view")})

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return self._may(request, "view", obj)

    def has_change_permission(self, request, obj=None):
        return self._may(request, "change", obj)

    def has_add_permission(self, request):
        return self._may(request, "add")

    def _may(self, request, right: str, obj=None) -> bool:
        if request.user.is_superuser:
            return True
        communes = self.communes(request, right)
        if obj is None:
            return bool(communes)
        return reduce(getattr, f"{self.commune_path}_id".split("__"), obj) in communes


class _ByKeys(ChangeList):
    """Sorts keys alone, and then reads the rows of one page by them: no sorting of thousands of
    descriptions, and no second search for the commune. One query more."""

    def get_results(self, request):
        super().get_results(request)
        found = self.result_list.prefetch_related(None).values_list("pk", flat=True)
        place = {key: number for number, key in enumerate(found)}
        rows = self.model_admin.lines(self.model._default_manager.filter(pk__in=place))
        self.result_list = sorted(rows, key=lambda row: place[row.pk])


class LongList:
    """A list whose page costs with thousands of rows what it costs with fifty
    (tests/bench/admin_lists.py)."""

    list_per_page = 50

    def lines(self, rows):
        """The rows with all that their lines show; rights and order are the caller's."""
        raise NotImplementedError

    def get_changelist(self, request, **options):
        return _ByKeys


class DecisionForm(ActionForm):
    """The choice of an action, and the reason of a refusal or a suspension beside it."""

    reason = forms.CharField(label=_("Motif (refus, suspension)"), required=False, max_length=500)


class ThroughWorkflow:
    """A refusal that comes while saving is said on the form, and nothing is half written.

    Forms check the rules first and keep what was typed; this is for somebody else's write in
    between. The exception leaves the admin's own transaction, which undoes all of it.
    """

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except WorkflowError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(request.get_full_path())


class MatchingSearch:
    """Searches as the public pages do, accents and hyphens aside, or by an official number.

    `number_field` is the column of that number; `search_fields` must not be empty, for the box
    to be there and for autocompletion.
    """

    number_field: str

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        # Subqueries, so that no filter of the list can multiply the rows.
        found = Q(pk__in=self.model.objects.matching(search_term).values("pk"))
        number = re.sub(r"[\s.\-]", "", search_term).upper()
        if re.fullmatch(r"\d[\dAB]*", number):
            found |= Q(**{f"{self.number_field}__startswith": number})
        return queryset.filter(found), False
