from django.db import models
from django.utils.translation import gettext_lazy as _


class CommuneMail(models.Model):
    """Which town hall a mail was written for: its agents see whether it left."""

    mail = models.OneToOneField(
        "post_office.Email", on_delete=models.CASCADE, primary_key=True, related_name="of_commune"
    )
    commune = models.ForeignKey("merchants.Commune", on_delete=models.CASCADE, related_name="mails")

    class Meta:
        verbose_name = _("courriel d’une commune")
        verbose_name_plural = _("courriels des communes")

    def __str__(self):
        return f"{self.mail_id}, {self.commune_id}"
