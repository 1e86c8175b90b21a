from django.conf import settings


def tiles_config() -> dict:
    """django-leaflet's configuration of the map, for our own scripts (no inline script)."""
    _label, url, options = settings.LEAFLET_CONFIG["TILES"][0]
    return {
        "tiles": url,
        "tilesOptions": options,
        "attributionPrefix": settings.LEAFLET_CONFIG["ATTRIBUTION_PREFIX"],
        "minZoom": settings.LEAFLET_CONFIG["MIN_ZOOM"],
        "maxZoom": settings.LEAFLET_CONFIG["MAX_ZOOM"],
    }
