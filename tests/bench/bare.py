"""The references: the least that Django can do with the same table."""

import orjson
from django.http import HttpResponse
from django.template import engines

from merchants.models import Shop

ROWS = 50
TEMPLATE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Commerces</title>
</head><body><ul>{% for shop in shops %}<li><a href="{{ shop.slug }}/">{{ shop.name }}</a>
{{ shop.house_number }} {{ shop.street }} {{ shop.postcode }} {{ shop.city }}
<p>{{ shop.description }}</p></li>{% endfor %}</ul></body></html>"""


def rows(request, commune_slug):
    """Renders 50 rows with a plain template: one query, no filter, no hours."""
    shops = Shop.objects.filter(commune__slug=commune_slug, status="published")[:ROWS]
    template = engines["django"].from_string(TEMPLATE)
    return HttpResponse(template.render({"shops": shops}))


def features(request, commune_slug):
    """Writes the same features with orjson: one query."""
    shops = Shop.objects.filter(commune__slug=commune_slug, status="published")
    rows = shops.order_by().values_list(
        "pk", "longitude", "latitude", "name", "commune__slug", "slug", "main_category__icon"
    )
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": pk,
                "geometry": {"type": "Point", "coordinates": (longitude, latitude)},
                "properties": {"name": name, "path": f"{commune}/{slug}", "icon": icon},
            }
            for pk, longitude, latitude, name, commune, slug, icon in rows
        ],
    }
    return HttpResponse(orjson.dumps(collection), content_type="application/geo+json")
