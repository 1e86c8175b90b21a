"""Reading the environment."""

import os
import secrets
from pathlib import Path


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
