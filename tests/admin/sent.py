"""What a browser sends back of an admin page."""

from django.db.models.fields.files import FieldFile


def form_of(response) -> dict:
    """What the browser would send if nothing were changed."""
    form = response.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for formset in response.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {
            management.add_prefix(name): management[name].value() for name in management.fields
        }
        for row in formset.formset.initial_forms:
            data |= {row.add_prefix(name): row[name].value() for name in row.fields}
    return {name: value for name, value in data.items() if not _is_left_out(value)}


def _is_left_out(value) -> bool:
    """A browser sends no unticked box, and no file where none was chosen."""
    return value is None or value is False or isinstance(value, FieldFile)


def as_text(data: dict) -> dict:
    """The same with texts only, as they come back after a mistake."""
    return {
        name: [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in data.items()
    }
