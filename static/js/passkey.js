// Passkeys: gives a button to django-allauth's scripts, which talk to the browser and send the form.
const button = document.querySelector("[data-passkey]");
const job = button.dataset.passkey;
window.allauth.webauthn.forms[`${job}Form`]({
  ids: {
    [job]: button.id,
    credential: button.closest("form").elements.credential.id,
    data: "passkey-data",
  },
});
button.disabled = false;

// They tell of a failure by this event; the page says it in words.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("[data-passkey-error]").hidden = false;
});
