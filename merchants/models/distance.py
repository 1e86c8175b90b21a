"""Distances in SQL, with arithmetic that SQLite and PostgreSQL share."""

import math

from django.db.models import ExpressionWrapper, F, FloatField, Value
from django.db.models.functions import Sqrt

from merchants.geo import KM_PER_DEGREE, Point


def distance_km(point: Point) -> ExpressionWrapper:
    """Kilometres from the point to a row's latitude and longitude (see `merchants.geo`)."""
    north = F("latitude") - Value(point.latitude)
    east = (F("longitude") - Value(point.longitude)) * Value(math.cos(math.radians(point.latitude)))
    return ExpressionWrapper(
        Sqrt(north * north + east * east) * Value(KM_PER_DEGREE), output_field=FloatField()
    )
