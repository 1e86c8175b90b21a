"""Reading the environment."""

import os
import secrets
from dataclasses import dataclass
from email.utils import quote
from pathlib import Path
from urllib.parse import unquote, urlsplit


def env_text(name: str, default: str = "") -> str:
    """The value without blanks around it; `default` where the variable is absent or empty."""
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on (any case); `default` where the variable is absent or empty."""
    value = os.environ.get(name, "").strip().lower()
    return value in {"1", "true", "yes", "on"} if value else default


def env_list(name: str) -> list[str]:
    """The comma-separated values of a variable, without blanks."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def local_secret_key(var_dir: Path) -> str:
    """The key of this machine's work and demo, made once, so that a restart logs nobody out."""
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over; `host` is empty where none is known."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


# The scheme of EMAIL_URL: usual port, STARTTLS, TLS from the first byte.
MAIL_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}


def read_mail_url(url: str) -> MailServer:
    """`smtp+tls://user:password@host:587`; what cannot be read is no server, which a check says.

    User and password are percent-encoded where they hold signs such as @ or /.
    """
    try:
        parts = urlsplit(url)
        default_port, starttls, tls = MAIL_SCHEMES[parts.scheme]
        port = parts.port or default_port
    except (KeyError, ValueError):
        return MailServer()
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname or "", port, user, password, starttls, tls)


def sender(name: str, address: str) -> str:
    """A From line: the name in quotes, then the address."""
    return f'"{quote(name)}" <{address}>'
