from django.conf import settings


def site(request):
    """What every template may name: the site, its address, whether it is the demonstration."""
    return {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, "DEMO": settings.DEMO}
