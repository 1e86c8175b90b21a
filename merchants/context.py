from django.conf import settings


def site(request):
    """What every template may name: the site, its address, whether it is the demonstration, and
    the folder that takes its mails there."""
    return {
        name: getattr(settings, name)
        for name in ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL", "DEMO", "MAIL_FOLDER")
    }
