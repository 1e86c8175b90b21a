"""What a town hall often writes to merchants: its own sentences, else those of the site."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from merchants.models import Commune, StandardReason
from merchants.models.decision import ReasonKind

from .status import checked_reason


@dataclass(frozen=True)
class Reason:
    """A title to choose by, and the text that the merchant reads."""

    key: str
    title: object
    text: object


DEFAULTS: dict[str, list[tuple[object, object]]] = {
    ReasonKind.REFUSAL: [
        (
            _("Pas dans la commune"),
            _(
                "Votre commerce n’est pas dans notre commune\u00a0: inscrivez-le auprès de la "
                "mairie de sa commune."
            ),
        ),
        (
            _("Déjà inscrit"),
            _(
                "Ce commerce a déjà une fiche. Si c’est le vôtre, ouvrez-la et choisissez "
                "«\u00a0C’est mon commerce\u00a0»."
            ),
        ),
        (
            _("Pas un commerce ouvert au public"),
            _("L’annuaire présente les commerces, artisans et services ouverts au public."),
        ),
        (
            _("Établissement fermé"),
            _("D’après le registre des entreprises, cet établissement est fermé."),
        ),
        (
            _("Informations fausses"),
            _("Nous n’avons pas trouvé ce commerce à l’adresse indiquée."),
        ),
    ],
    ReasonKind.CHANGE: [
        (
            _("Adresse à préciser"),
            _("Donnez l’adresse complète du commerce, avec le numéro et la rue."),
        ),
        (
            _("Nom à corriger"),
            _("Donnez le nom qui figure sur la devanture, sans slogan ni majuscules."),
        ),
        (
            _("SIRET à vérifier"),
            _("Ce SIRET n’est pas celui de cet établissement\u00a0: vérifiez-le."),
        ),
        (
            _("Activité à corriger"),
            _("L’activité choisie ne correspond pas au commerce\u00a0: choisissez-en une autre."),
        ),
        (
            _("Photos à remplacer"),
            _("Montrez votre devanture ou vos produits, sans personne reconnaissable."),
        ),
    ],
    ReasonKind.PROPOSAL: [
        (
            _("Nom différent de la devanture"),
            _("Ce nom n’est pas celui de la devanture."),
        ),
        (
            _("Adresse non confirmée"),
            _("Nous n’avons pas pu confirmer cette adresse."),
        ),
        (
            _("Autre commerce"),
            _("Ces changements décrivent un autre commerce\u00a0: inscrivez-le à part."),
        ),
    ],
    ReasonKind.CLAIM: [
        (
            _("Preuve insuffisante"),
            _("Ce que vous avez joint ne montre pas que ce commerce est le vôtre."),
        ),
        (
            _("Déjà tenue"),
            _("Les responsables actuels de la fiche ont montré que ce commerce est le leur."),
        ),
    ],
    ReasonKind.SUSPENSION: [
        (
            _("Informations fausses"),
            _("Des habitants ne trouvent pas ce commerce à l’adresse indiquée."),
        ),
        (
            _("Contenu à retirer"),
            _("Un texte ou une photo de la fiche ne peut pas être publié."),
        ),
        (
            _("Fermeture prolongée"),
            _("Le commerce est fermé depuis longtemps, sans date de réouverture."),
        ),
    ],
}


def reasons_for(commune: Commune, kind: ReasonKind) -> list[Reason]:
    """The sentences of that town hall for a kind of decision. One query."""
    rows = list(StandardReason.objects.filter(commune=commune, kind=kind))
    if rows:
        return [Reason(str(row.pk), row.title, row.text) for row in rows]
    return [Reason(f"d{n}", *row) for n, row in enumerate(DEFAULTS[kind], start=1)]


def written(commune: Commune, kind: ReasonKind, *, chosen: str, own: str) -> str:
    """The reason as it is sent: the chosen sentence, then what the agent wrote himself.

    A sentence that stands in the text already is not said twice. Raises WorkflowError where it is
    too long. One query where one was chosen.
    """
    own = checked_reason(own)
    if not chosen:
        return own
    known = {reason.key: str(reason.text) for reason in reasons_for(commune, kind)}
    standard = known.get(chosen, "")
    if standard and standard in own:
        return own
    return checked_reason(f"{standard}\n{own}".strip())
