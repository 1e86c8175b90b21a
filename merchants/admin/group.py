from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class Group(admin.RelatedOnlyFieldListFilter):
    """The group of a listing's main category, which a draft may lack."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.empty_value_display = _("sans catégorie")
