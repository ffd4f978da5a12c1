import { say, word } from "./words.js";

/** Menus that close when one looks elsewhere, and `data-copy`. */
export function startClicks() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    for (const menu of document.querySelectorAll("details:is(.menu, .more)[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
    const copier = event.target.closest("[data-copy]");
    if (copier instanceof HTMLElement) void copy(copier.dataset.copy ?? "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details:is(.menu, .more)[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  });
}

/** @param {string} what a text, or `#id` of the element whose text is meant */
async function copy(what) {
  const source = what.startsWith("#") ? document.querySelector(what) : null;
  const text = source instanceof HTMLInputElement ? source.value : (source?.textContent ?? what).trim();
  try {
    await navigator.clipboard.writeText(text);
    say(word("copied"));
  } catch {
    // No clipboard outside a secure context: leave the text selected for the reader's own Ctrl-C.
    if (source instanceof HTMLInputElement) source.select();
    else if (source) getSelection()?.selectAllChildren(source);
  }
}
