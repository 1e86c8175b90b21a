from django.db import models
from django.db.models import Q


def one_of(field: str, choices, name: str) -> models.CheckConstraint:
    """The database refuses any value but those of the choices."""
    values = [value for value, _label in choices]
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))
