"""What a browser says of itself, in words that its owner recognises."""

import re

# The first that is found: most browsers also name those that they descend from.
BROWSERS = {
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


# What reads pages without anybody before it, or says so in one of these words.
ROBOT = re.compile(
    r"bot\b|crawl|spider|slurp|scrap|preview|externalhit|monitor|uptime|lighthouse|headless|"
    r"phantom|python|archiver|feed",
    re.IGNORECASE,
)


def is_robot(user_agent: str) -> bool:
    """Whether no person reads the page: a program that says so, or that says nothing."""
    return not user_agent.startswith(("Mozilla/", "Opera/")) or bool(ROBOT.search(user_agent))


def device(user_agent: str) -> str:
    """ "Firefox, Windows"; what is not known is shown as it came, shortened."""
    known = [
        next((name for sign, name in names.items() if sign in user_agent), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, known)) or user_agent[:60] or "?"
