from django.conf import settings


def site(request):
    """What every template may name: the site, its address, whether it is the demonstration."""
    return {
        name: getattr(settings, name) for name in ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL", "DEMO")
    }
