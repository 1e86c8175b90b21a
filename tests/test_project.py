"""The project's own promises: its configuration, its locks, the shape of its code."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def python(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def project_files() -> list[Path]:
    """All files of the project that git has, or would take."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listing.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


# Configuration --------------------------------------------------------------------------------

PRODUCTION = {
    "SECRET_KEY": "b8Jq2mYw0Zr7TnXv4KdLs9HgPf3CeAu6Ro1Ii5Ww-Nt_MkQzVhGy",
    "ALLOWED_HOSTS": "commerces.example.fr",
    "SITE_URL": "https://commerces.example.fr",
    "CONTACT_EMAIL": "commerces@example.fr",
    "EMAIL_URL": "smtp+tls://compte:secret@smtp.example.fr:587",
}
SENTENCES = {
    "SECRET_KEY": "SECRET_KEY manque ou compte moins de 50 caractères.",
    "ALLOWED_HOSTS": "ALLOWED_HOSTS doit nommer les domaines du site.",
    "SITE_URL": "SITE_URL manque\u00a0: les courriels et les données ouvertes donnent des adresses",
    "CONTACT_EMAIL": "CONTACT_EMAIL manque\u00a0: la page des mentions légales doit dire à qui "
    "écrire.",
    "EMAIL_URL": "EMAIL_URL manque ou n’est pas compris",
}
START = ("-c", "import commerce_local.wsgi; print('started')")


def test_production_refuses_to_start_with_nothing_set_and_says_all_that_is_missing(
    clean_environment,
):
    refused = python(clean_environment, *START)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert all(sentence in refused.stderr for sentence in SENTENCES.values())
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("missing", SENTENCES)
def test_production_refuses_to_start_without(missing, clean_environment):
    refused = python(clean_environment | PRODUCTION | {missing: ""}, *START)
    assert refused.returncode == 1
    said = [name for name, sentence in SENTENCES.items() if sentence in refused.stderr]
    assert said == [missing]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", "commerces.example.fr"),
        ("EMAIL_URL", "smtp.example.fr"),
        ("EMAIL_URL", "smtps://smtp.example.fr:mille"),
    ],
)
def test_production_refuses_to_start_with_a_dangerous_value(name, value, clean_environment):
    refused = python(clean_environment | PRODUCTION | {name: value}, *START)
    assert refused.returncode == 1
    assert SENTENCES[name] in refused.stderr


def test_production_sends_no_password_in_the_clear(clean_environment):
    url = "smtp://compte:secret@smtp.example.fr"
    refused = python(clean_environment | PRODUCTION | {"EMAIL_URL": url}, *START)
    assert refused.returncode == 1
    assert "EMAIL_URL enverrait le mot de passe en clair." in refused.stderr


def test_production_starts_when_everything_is_set(clean_environment):
    started = python(clean_environment | PRODUCTION, *START)
    assert (started.returncode, started.stdout) == (0, "started\n"), started.stderr


@pytest.mark.parametrize("mode", ["DEBUG", "DEMO"])
def test_one_variable_is_enough_to_work_or_to_demonstrate(mode, clean_environment):
    environment = clean_environment | {mode: "1"}
    started = python(environment, *START)
    assert (started.returncode, started.stdout) == (0, "started\n"), started.stderr
    checked = python(environment, "manage.py", "check", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_work_and_demonstration_exclude_each_other(clean_environment):
    refused = python(clean_environment | {"DEBUG": "1", "DEMO": "1"}, *START)
    assert refused.returncode == 1
    assert "DEBUG et DEMO sont actifs ensemble." in refused.stderr


def test_an_empty_variable_counts_as_absent(clean_environment):
    names = ("DATABASE_URL", "HSTS_SECONDS", "LOG_LEVEL", "MEDIA_ROOT", "TILES_URL", "DEMO")
    started = python(clean_environment | {"DEBUG": "1"} | dict.fromkeys(names, ""), *START)
    assert started.returncode == 0, started.stderr


def test_the_guide_to_deployment_names_every_variable():
    guide = (ROOT / "docs" / "deploiement.md").read_text()
    read = re.compile(r'(?:env_(?:text|bool|list)|environ\.get)\(\s*f?["\']([A-Z_]+)["\']')
    code = [*(ROOT / "commerce_local").glob("*.py"), *(ROOT / "merchants").rglob("*.py")]
    names = {name for path in code for name in read.findall(path.read_text())}
    assert {"SECRET_KEY", "DATABASE_URL", "PORT"} <= names
    assert sorted(name for name in names if f"`{name}`" not in guide) == []


def test_no_gis_system_library_is_needed(clean_environment):
    script = """
import sys, django
django.setup()
from django.contrib import admin
from django.urls import get_resolver
get_resolver().url_patterns
assert admin.site.is_registered  # The back office is there.
print([name for name in sys.modules if name.startswith("django.contrib.gis.g")])
"""
    environment = clean_environment | {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
    }
    loaded = python(environment, "-c", script)
    assert (loaded.returncode, loaded.stdout) == (0, "[]\n"), loaded.stderr


def test_sqlite_serves_readers_and_a_writer_at_once(clean_environment):
    script = """
import django
django.setup()
from django.db import connection
for pragma in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous"):
    with connection.cursor() as cursor:
        print(pragma, *cursor.execute(f"PRAGMA {pragma}").fetchone())
"""
    environment = clean_environment | {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
    }
    asked = python(environment, "-c", script)
    assert asked.stdout.split("\n")[:4] == [
        "journal_mode wal",
        "foreign_keys 1",
        "busy_timeout 20000",
        "synchronous 1",
    ], asked.stderr


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# Dependencies ---------------------------------------------------------------------------------

LOCKS = ["requirements.lock", "requirements-ci.lock", "requirements-addok.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_registry(name):
    text = (ROOT / name).read_text()
    for word in ("http", "://", "index-url", "find-links", "trusted-host", " @ "):
        assert word not in text


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_the_lock_has_an_exact_version_and_hashes(name):
    logical_lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    requirements = [line for line in logical_lines if line and not line.startswith("#")]
    assert len(requirements) > 5
    pinned = re.compile(r"[a-z0-9.-]+(\[[a-z,]+\])?==[^ ]+ .*--hash=sha256:[0-9a-f]{64}")
    assert [line for line in requirements if not pinned.match(line)] == []


def test_the_locks_agree_and_hold_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pin = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)
    lock, ci_lock, addok_lock = (dict(pin.findall((ROOT / name).read_text())) for name in LOCKS)
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]

    def names(requirements):
        return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in requirements}

    assert names(wanted) <= lock.keys()
    assert names(project["dependency-groups"]["ci"]) <= ci_lock.keys()
    assert names(project["dependency-groups"]["addok"]) <= addok_lock.keys()
    both = lock.keys() & ci_lock.keys()
    assert {name: lock[name] for name in both} == {name: ci_lock[name] for name in both}


def test_every_dependency_has_its_reason_above_it():
    lines = [line.strip() for line in (ROOT / "pyproject.toml").read_text().splitlines()]
    start, end = lines.index("dependencies = ["), lines.index("[tool.ruff]")
    bare = [
        line
        for above, line in zip(lines[start:end], lines[start + 1 : end], strict=False)
        # A plugin may stand right under what it extends: "pytest", "pytest-django".
        if line.startswith('"') and not above.startswith(("# ", line.partition("-")[0] + '"'))
    ]
    assert bare == []


# Shape ----------------------------------------------------------------------------------------

# House-style rule 2: a module imports from its own step or from a lower one. A module of
# `merchants` that is not named here is a leaf: plain values in, plain values out.
LEAF, MODELS, WORKFLOW, FORMS, VIEWS, URLS = range(6)
STEPS = {
    "migrations": MODELS,
    "models": MODELS,
    "opendata": WORKFLOW,
    "workflow": WORKFLOW,
    "forms": FORMS,
    "adapters": VIEWS,
    "admin": VIEWS,
    "context": VIEWS,
    "management": VIEWS,
    "templatetags": VIEWS,
    "views": VIEWS,
    "account_urls": URLS,
    "apps": URLS,
    "urls": URLS,
}


def step(module: str) -> int | None:
    """The step of a dotted name; None outside the project."""
    package, _, rest = module.partition(".")
    if package == "merchants":
        return STEPS.get(rest.split(".")[0], LEAF) if rest else LEAF
    if package == "commerce_local":
        # Its urls and what starts the server stand on top of everything; the settings, below.
        return URLS if rest in {"demo", "gunicorn", "urls", "wsgi"} else LEAF
    return None


def imported_modules(tree: ast.AST, module: str, *, is_package: bool):
    """(line, dotted name) of every import, those inside functions included."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from merchants import models` names a module, `from merchants.geo import Point` not:
            # the longer name has the same step in the second case.
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def upward_steps(source: str, module: str, *, is_package: bool) -> list[str]:
    own = step(module)
    return [
        f"{module}, line {line}: {name}"
        for line, name in imported_modules(ast.parse(source), module, is_package=is_package)
        if (other := step(name)) is not None and other > own
    ]


def test_imports_go_downstairs_only():
    found = []
    for path in python_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] not in {"merchants", "commerce_local"}:
            continue
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        found += upward_steps(path.read_text(), module, is_package=is_package)
    assert found == []


@pytest.mark.parametrize(
    ("module", "source", "upward"),
    [
        ("merchants.models.shop", "from merchants import workflow", True),
        ("merchants.models.shop", "def f():\n    from ..forms.shop import ShopForm", True),
        ("merchants.models.shop", "import merchants.views.shop", True),
        ("merchants.geo", "from merchants.models import Shop", True),
        ("merchants.opendata.osm", "from merchants.forms import ShopForm", True),
        ("merchants.models.shop", "from merchants import opening_hours, phone", False),
        ("merchants.models.shop", "from .category import Category", False),
        ("merchants.views.shop", "from merchants.forms.shop import ShopForm", False),
        ("merchants.forms.shop", "from merchants.workflow import publish", False),
    ],
)
def test_the_test_of_imports_sees_an_upward_step(module, source, upward):
    assert bool(upward_steps(source, module, is_package=False)) is upward


def test_no_file_has_more_than_600_lines():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in python_files()
        if "migrations" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > 600} == {}


def test_no_file_names_a_place_on_somebodys_machine():
    # Not preceded by a letter, digit or dot: an address in the site or on the web is none.
    place = re.compile(r"(?<![\w.\-/}>])/(?:work|root|home|Users|tmp/bash_jobs)/\w[^\s\"'`<>)]*")
    found = []
    for path in project_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if not path.is_relative_to(ROOT / "static" / "vendor"):
            found += [f"{path.relative_to(ROOT)}: {hit}" for hit in place.findall(text)]
    assert found == []
