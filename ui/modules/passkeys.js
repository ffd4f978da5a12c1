// Passkeys: a form with data-passkey asks the server for a challenge, lets the browser answer it, and is then sent with
// the answer. Without this script, or in a browser without passkeys, the form is not shown.

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function fill(form, name, value) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}

/** @param {HTMLFormElement} form */
async function challenge(form) {
  const fields = new URLSearchParams();
  const mark = form.elements.namedItem("csrf");
  if (mark instanceof HTMLInputElement) fields.set("csrf", mark.value);
  const answer = await fetch(`${form.getAttribute("action")}/begin`, { method: "POST", body: fields });
  const kind = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !kind.startsWith("application/json")) {
    // It leads elsewhere first, such as to the page on which one proves who one is.
    if (answer.ok && answer.redirected) location.assign(answer.url);
    throw new Error(`${answer.status}`);
  }
  return answer.json();
}

/**
 * @param {string} kind
 * @param {any} options
 */
function ask(kind, options) {
  if (kind === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

/**
 * The forms whose question the browser has not answered yet.
 *
 * @type {WeakSet<HTMLFormElement>}
 */
const asking = new WeakSet();

/** @param {HTMLFormElement} form */
async function answer(form) {
  if (asking.has(form)) return;
  asking.add(form);
  const failed = form.querySelector(".error");
  failed?.toggleAttribute("hidden", true);
  form.setAttribute("aria-busy", "true");
  try {
    const { ceremony, options } = await challenge(form);
    const credential = await ask(form.dataset.passkey ?? "get", options);
    if (!(credential instanceof PublicKeyCredential)) throw new Error("no key");
    fill(form, "ceremony", ceremony);
    fill(form, "credential", JSON.stringify(credential));
    asking.delete(form);
    form.submit();
  } catch {
    asking.delete(form);
    form.removeAttribute("aria-busy");
    failed?.toggleAttribute("hidden", false);
  }
}

export function startPasskeys() {
  const known = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
  if (!known) return;
  document.documentElement.classList.add("passkeys");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.passkey) return;
    event.preventDefault();
    void answer(form);
  });
}
