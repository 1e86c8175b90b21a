"""All settings, read from the environment and safe by default.

`DEBUG=1` alone is enough to work on the project; `DEMO=1` serves the demonstration over plain
HTTP on this machine. Anything else is production: `commerce_local.checks` then refuses to start
until what is dangerous or missing has been set, and says what. docs/deploiement.md lists them all.
"""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from commerce_local.environment import (
    env_bool,
    env_list,
    env_text,
    local_secret_key,
    read_mail_url,
    sender,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
LOCAL = DEBUG or DEMO

# Who we are ---------------------------------------------------------------------------------

SITE_NAME = env_text("SITE_NAME", "Commerce local")
SITE_URL = env_text("SITE_URL", "http://127.0.0.1:8000" if LOCAL else "").rstrip("/")
CONTACT_EMAIL = env_text("CONTACT_EMAIL", "contact@demo.example" if LOCAL else "")

# Security -----------------------------------------------------------------------------------

SECRET_KEY = env_text("SECRET_KEY") or (
    local_secret_key(VAR_DIR) if LOCAL else "insecure-placeholder-refused-by-the-checks"
)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or (["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

HTTPS = env_bool("HTTPS", default=not LOCAL)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = int(env_text("HSTS_SECONDS", "31536000" if HTTPS else "0"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = False
if env_bool("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Tile servers ask for a Referer: the origin is sent, never the page.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# Mail (django-post-office): docs/decisions/0008-mail.md -------------------------------------

# Every mail waits in the database until this process, or `manage.py daily`, has handed it over.
EMAIL_BACKEND = "merchants.workflow.postman.QueueBackend"
EMAIL_URL = env_text("EMAIL_URL")
_mail = read_mail_url(EMAIL_URL)
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env_text("DEFAULT_FROM_EMAIL") or sender(
    SITE_NAME, CONTACT_EMAIL or "ne-pas-repondre@localhost"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# At work and in the demo, without a server: each mail is a file here, and pages say where.
MAIL_FOLDER = VAR_DIR / "mails" if LOCAL and not EMAIL_HOST else None
SEND_MAILS_IN_BACKGROUND = True
WORK_IN_BACKGROUND = True
POST_OFFICE = {
    "BACKENDS": {
        "default": "commerce_local.mail.FolderBackend"
        if MAIL_FOLDER
        else "commerce_local.mail.SmtpBackend"
    },
    "BATCH_SIZE": 20,
    "THREADS_PER_PROCESS": 1,
    # As many as there are waits in merchants/workflow/mail_queue.py.
    "MAX_RETRIES": 7,
    "SENDING_ORDER": ["-priority", "created"],
    "FILE_STORAGE": "mail_attachments",
}

# Map (django-leaflet) -----------------------------------------------------------------------

TILES_URL = env_text(
    "TILES_URL",
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
)
TILES_ATTRIBUTION = env_text(
    "TILES_ATTRIBUTION", '<a href="https://www.ign.fr/">IGN – Plan IGN</a>'
)
LEAFLET_CONFIG = {
    "TILES": [("Plan", TILES_URL, {"attribution": TILES_ATTRIBUTION, "maxZoom": 19})],
    "DEFAULT_CENTER": (46.6, 2.4),
    "DEFAULT_ZOOM": 6,
    "MIN_ZOOM": 5,
    "MAX_ZOOM": 19,
    "ATTRIBUTION_PREFIX": '<a href="https://leafletjs.com">Leaflet</a>',
    "SCALE": "metric",
}
TILES_ORIGIN = "/".join(TILES_URL.split("/")[:3]).replace("{s}", "*")

# Outside services, which only this server asks: docs/decisions/0011-outside-services.md -------

COMPANY_SEARCH_URL = env_text("COMPANY_SEARCH_URL", "https://recherche-entreprises.api.gouv.fr")
GEOCODER_URL = env_text("GEOCODER_URL", "https://data.geopf.fr/geocodage")

# Where the two monthly files of the SIRENE register are kept for the town hall, if anywhere:
# docs/decisions/0016-sirene.md.
_sirene_dir = env_text("SIRENE_DIR")
SIRENE_DIR = Path(_sirene_dir) if _sirene_dir else None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", TILES_ORIGIN],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "merchants",
    # Not "django.contrib.admin": its autodiscovery imports leaflet.admin, which needs GDAL.
    "commerce_local.apps.TownHallAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "commerce_local.apps.MailsConfig",
    "leaflet",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "commerce_local.urls"
WSGI_APPLICATION = "commerce_local.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "merchants.context.site",
            ],
        },
    },
]

# Database -----------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        env_text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'commerce_local.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers never wait for the writer, and a writer waits its turn rather than failing.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Attempts to log in are counted across processes and restarts.
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    # Pages are rendered once a minute per address and per process: see merchants/views/caching.py.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 600},
    },
}

# People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "merchants.User"
# An e-mail address is unique whatever its case: a constraint on lower(email), which this check
# does not recognise.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
PASSWORD_RESET_TIMEOUT = 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Accounts (django-allauth): docs/decisions/0009-accounts.md ---------------------------------

ACCOUNT_ADAPTER = "merchants.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
if env_bool("BEHIND_PROXY"):
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
_FORMS = "merchants.forms.account_allauth"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm",
    "signup": f"{_FORMS}.SignupForm",
    "add_email": f"{_FORMS}.AddEmailForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
    "set_password": f"{_FORMS}.SetPasswordForm",
    "reset_password": f"{_FORMS}.ResetPasswordForm",
    "reset_password_from_key": f"{_FORMS}.ResetPasswordKeyForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateForm",
}
# Beside allauth's own limits: of letters for a new password, to one address.
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip,5/h/key"}
MFA_FORMS = {
    "authenticate": f"{_FORMS}.AuthenticateForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateByCodeForm",
    "activate_totp": f"{_FORMS}.ActivateAppForm",
    "add_webauthn": f"{_FORMS}.AddPasskeyForm",
    "edit_webauthn": f"{_FORMS}.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
# Nobody logs in without a verified address, so a second factor never guards somebody else's;
# with one, an address may still be changed (the new one counts once it is verified).
MFA_ALLOW_UNVERIFIED_EMAIL = True
# How long somebody of a town hall may go on without a second factor after the first role.
SECOND_FACTOR_GRACE_DAYS = int(env_text("SECOND_FACTOR_GRACE_DAYS", "7"))

# Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Open data services -------------------------------------------------------------------------

GEO_API_URL = env_text("GEO_API_URL", "https://geo.api.gouv.fr")

# Files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env_text("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Never under MEDIA_ROOT, which everybody may read.
    "mail_attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "mail_attachments"},
    },
    "private": {
        "BACKEND": "commerce_local.storage.PrivateStorage",
        "OPTIONS": {
            "location": VAR_DIR / "private",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "commerce_local.storage.ModuleManifestStaticFilesStorage"
    },
}
# Small files in memory, others in a temporary one. Django counts no file for this limit of its own:
# DATA_UPLOAD_MAX_MEMORY_SIZE, 2.5 MB, is for what people type.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "commerce_local.uploads.BoundedUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 6
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# Logs: ids, never names or addresses --------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"keys": {"()": "commerce_local.logs.KeysCut"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["keys"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": env_text("LOG_LEVEL", "INFO")},
    # It warns at every HEAD request that Django wrote the body, which it drops as it should.
    "loggers": {
        "gunicorn.http.wsgi": {"level": "ERROR"},
        # Its tracebacks hold addresses; merchants.workflow.mail_queue says what happened.
        "post_office": {"handlers": ["nowhere"], "propagate": False},
    },
}
