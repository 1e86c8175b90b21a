from django.core.management.commands import makemigrations


class Command(makemigrations.Command):
    """Comparing models with migrations needs no production settings, so it does not check them."""

    requires_system_checks = []
