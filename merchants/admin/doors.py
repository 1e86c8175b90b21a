"""What the admin of a model needs where the workflow writes and the querysets search."""

import re

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect

from merchants.workflow import WorkflowError


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
