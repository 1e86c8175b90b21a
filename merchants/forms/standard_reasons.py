"""The standard reasons of one kind, as rows to change, add, order and take away."""

from django import forms
from django.utils.translation import gettext_lazy

from merchants.forms.my_shop import ProseField
from merchants.workflow.reasons import Reason
from merchants.workflow.standard_reasons import MOST

EMPTY_ROWS = 2


class ReasonForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Titre"), max_length=80)
    text = ProseField(
        label=gettext_lazy("Texte que lira le commerçant"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


_Rows = forms.formset_factory(
    ReasonForm,
    extra=EMPTY_ROWS,
    can_order=True,
    can_delete=True,
    max_num=MOST + EMPTY_ROWS,
    absolute_max=2 * MOST,
)


def reason_rows(data, reasons: list[Reason]):
    """The formset over what the town hall has, or the site's own sentences."""
    initial = [{"title": str(reason.title), "text": str(reason.text)} for reason in reasons]
    # What was sent stands for itself: a colleague may have changed the list meanwhile.
    rows = _Rows(data, initial=None if data else initial)
    for number, form in enumerate(rows.forms):
        form.is_new = number >= rows.initial_form_count()
        form.fields["ORDER"].label = gettext_lazy("Place dans la liste")
        form.fields["DELETE"].label = gettext_lazy("Enlever ce motif")
    return rows


def rows_of(formset) -> list[tuple[str, str]]:
    """(title, text) of a valid formset, in its order, without those taken away."""
    return [
        (form.cleaned_data["title"], form.cleaned_data["text"])
        for form in formset.ordered_forms
        if form.cleaned_data.get("title")
    ]
