/** How long a flash stays in sight of who works further down the page. */
const FLASH_MS = 6000;

/** Composers that grow, Ctrl-Enter, one submission at a time, controls that submit on change, undo bars that fade. */
export function startForms() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!(event.target instanceof HTMLTextAreaElement) || !event.target.form) return;
    event.preventDefault();
    const primary = event.target.form.querySelector("button.go");
    event.target.form.requestSubmit(primary instanceof HTMLButtonElement ? primary : undefined);
  });

  // In the capture phase, before htmx: a second press while the first is under way is not a second message.
  document.addEventListener(
    "submit",
    (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (form.ariaBusy === "true") {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (form.method === "post") {
        form.ariaBusy = "true";
      }
    },
    true,
  );
  document.addEventListener("htmx:finally:request", rest);
  window.addEventListener("pageshow", rest);

  document.addEventListener("change", (event) => {
    const control = event.target instanceof Element && event.target.closest("[data-submit]");
    if (control instanceof HTMLSelectElement || control instanceof HTMLInputElement) control.form?.requestSubmit();
  });

  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement) grow(event.target);
  });
  document.addEventListener("bottega:changed", settle);
  settle();
}

/** Browsers show a page from memory as it was left: no form in it is still being sent. */
function rest() {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
}

function settle() {
  for (const flash of document.querySelectorAll(".flash")) setTimeout(() => flash.classList.add("read"), FLASH_MS);
  for (const area of document.querySelectorAll("textarea")) grow(area);
  for (const bar of document.querySelectorAll(".undo[data-until]:not([data-seen])")) fade(/** @type {HTMLElement} */ (bar));
}

/**
 * Where the browser has no `field-sizing`, the text area follows its text by rows.
 *
 * @param {HTMLTextAreaElement} area
 */
function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.dataset.rows ??= String(area.rows);
  area.rows = Math.min(24, Math.max(Number(area.dataset.rows), area.value.split("\n").length + 1));
}

/**
 * Takes an undo bar away when its seconds are over, unless the hand or the focus is on it.
 *
 * @param {HTMLElement} bar
 */
function fade(bar) {
  bar.dataset.seen = "";
  const end = () => {
    if (!bar.isConnected) return;
    if (bar.matches(":hover, :focus-within")) setTimeout(end, 2000);
    else bar.classList.add("gone");
  };
  setTimeout(end, Number(bar.dataset.until) * 1000);
}
