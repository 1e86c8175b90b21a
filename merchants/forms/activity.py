"""The fourth step of a registration: activity, description, services and contact on one page."""

from typing import Any

from django.forms.utils import ErrorDict

from merchants.forms.category import CategorySearch
from merchants.forms.my_shop import ContactForm, DescriptionForm, ListingForm, ServicesForm
from merchants.workflow.values import Listing


class CategoryForm(CategorySearch, ListingForm):
    """What the shop sells or does; may stay open in a draft that is finished later."""

    def __init__(self, data=None, *, listing: Listing, later: bool = False):
        super().__init__(data, listing=listing)
        self.fields["main_category"].required = not later


class WordsForm(DescriptionForm):
    """The description alone: a registration asks for no more than it needs."""

    step_free = None
    payment_means = None


class ReachForm(ContactForm):
    """Contact; the area that somebody travels in belongs to the address."""

    service_area = None


class ActivityForm:
    """Four forms that are saved together; quacks like one."""

    def __init__(self, data=None, *, listing: Listing, later: bool = False):
        self.category = CategoryForm(data, listing=listing, later=later)
        self.words = WordsForm(data, listing=listing)
        self.services = ServicesForm(data, listing=listing)
        self.contact = ReachForm(data, listing=listing)
        self._parts = (self.category, self.words, self.services, self.contact)
        self._errors: list[str] = []
        if self.searches:
            # Nothing is saved, so nothing is found fault with yet.
            for form in (self.category, self.words, self.contact, *self.services.services):
                form._errors = ErrorDict()

    @property
    def searches(self) -> bool:
        return self.category.searches

    def is_valid(self) -> bool:
        return not [form for form in self._parts if not form.is_valid()]

    def add_error(self, _field: None, sentence: str) -> None:
        self._errors.append(sentence)

    def non_field_errors(self) -> list[str]:
        return self._errors

    @property
    def changes(self) -> dict[str, Any]:
        return {name: value for form in self._parts for name, value in form.changes.items()}
