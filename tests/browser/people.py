"""People of the browser's tests who walk through several pages: by keyboard alone, or by finger.

They read their mails in the folder `mail_folder`. No page that they say they are at scrolls
sideways; those that a test asks for, or all of them, are shown to axe.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from merchants.workflow import postman
from tests.browser.test_accessibility import axe

# Of a page, from its top to its end: a person who presses Tab more often has given up.
MOST_TABS = 150


@dataclass
class Person:
    """Somebody with an address, a telephone and the folder that mails end in."""

    address: str
    page: Page
    hand: "Keyboard | Finger"
    site: str
    mails: Path
    axe_everywhere: bool = False

    def visits(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.site + path)

    def opens(self, letter: str) -> None:
        """The first address that a letter names."""
        self.visits(re.search(r"http://\S+", letter)[0])

    def is_at(self, heading: str, *, shown_to_axe: bool = False) -> None:
        """The page has that title and is no wider than the window; axe, which needs scripts, finds
        nothing in it."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.page.wait_for_load_state()
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, heading
        if shown_to_axe or self.axe_everywhere:
            faults = axe(self.page)
            assert not faults, "\n\n".join([heading, *faults])

    def reads(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words, ignore_case=True)

    def follows(self, name: str) -> None:
        self._goes(self.page.get_by_role("link", name=name).first)

    def sends(self, name: str) -> None:
        self._goes(self.page.get_by_role("button", name=name))

    def writes(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        self.hand.writes(field, text)
        expect(field).to_have_value(text)

    def chooses(self, role: str, name: str) -> None:
        box = self.page.get_by_role(role, name=name)
        self.hand.chooses(box)
        expect(box).to_be_checked()

    def letter(self, subject: str) -> str:
        """The text of the last mail to this person whose subject has those words."""
        assert postman._postman.rest(20)
        for path in sorted(self.mails.iterdir(), reverse=True):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if mail["To"] == self.address and subject in mail["Subject"]:
                return mail.get_body(("plain",)).get_content()
        raise AssertionError(f"no mail about “{subject}”")

    def _goes(self, target: Locator) -> None:
        with self.page.expect_navigation():
            self.hand.presses(target)


class Keyboard:
    """Tab, Shift and Tab, arrows, Enter, Space and letters; the focus is seen wherever it acts."""

    has_scripts = True

    def __init__(self, page: Page):
        self.page, self.keys = page, page.keyboard

    def presses(self, target: Locator) -> None:
        self.comes_to(target)
        self.keys.press("Enter")

    def writes(self, field: Locator, text: str) -> None:
        self.comes_to(field)
        self.keys.press("Control+A")
        self.keys.type(text)

    def chooses(self, box: Locator) -> None:
        """Tab stops at one radio of several; arrows do the rest."""
        self.comes_to(box)
        if box.get_attribute("type") == "checkbox":
            self.keys.press("Space")
            return
        for _radio in range(MOST_TABS):
            if box.is_checked():
                break
            self.keys.press("ArrowDown")

    def comes_to(self, target: Locator) -> None:
        element = target.element_handle()
        for _key in range(MOST_TABS):
            way = element.evaluate(WAY)
            if way == "here":
                assert self.page.evaluate(SEEN), f"no focus to be seen: {target}"
                return
            self.keys.press(way)
        raise AssertionError(f"the keyboard does not come to {target}")


class Finger:
    """Taps and types; its browser may have no JavaScript."""

    has_scripts = False

    def __init__(self, page: Page):
        self.page = page

    def presses(self, target: Locator) -> None:
        target.click()

    def writes(self, field: Locator, text: str) -> None:
        field.fill(text)

    def chooses(self, box: Locator) -> None:
        box.check()


# The key that leads towards an element; radios of one name are one stop.
WAY = """
(target) => {
  const { activeElement: here } = document;
  const same = here.type === "radio" && here.form === target.form && here.name === target.name;
  if (here === target || same) return "here";
  const before = here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING;
  return before ? "Shift+Tab" : "Tab";
}
"""
# Whether the focus has an outline (WCAG 2.4.7) and nothing covers it wholly (2.4.11).
SEEN = """
() => {
  const here = document.activeElement;
  const boxes = [[here, null], [here, "::after"], [here.firstElementChild, null]];
  const outlined = boxes.some(([element, part]) => {
    if (!element) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const { left, right, top, bottom } = here.getBoundingClientRect();
  const steps = [0.1, 0.3, 0.5, 0.7, 0.9];
  const uncovered = steps.some((x) => steps.some((y) => {
    const seen = document.elementFromPoint(left + x * (right - left), top + y * (bottom - top));
    return seen && (here.contains(seen) || seen.contains(here));
  }));
  return here.matches(":focus-visible") && outlined && uncovered;
}
"""
