import { move, openRow, pickRow } from "./rows.js";
import { openKeys, openPalette } from "./palette.js";

/** How long the second key of “g then a letter” may take. */
const SEQUENCE_MS = 1200;

/** Keys that the page does not name itself with `data-key`. @type {Record<string, () => void>} */
const BUILT_IN = {
  j: () => move(1),
  k: () => move(-1),
  o: openRow,
  x: pickRow,
  r: () => focusOn(".pen textarea"),
  "/": () => focusOn(".find input"),
  "?": openKeys,
};

/**
 * One listener for every key. Single letters act only outside fields, and not at all where the person
 * has turned them off (`<body data-keys="off">`); Ctrl-K opens the palette everywhere.
 */
export function startKeys() {
  let begun = "";
  let begunAt = 0;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    if (document.querySelector("dialog[open]")) return;
    if (isField(event.target)) {
      if (event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
      return;
    }
    if (event.key.length !== 1 || event.key === " ") return;

    const inTime = event.timeStamp - begunAt < SEQUENCE_MS;
    const keys = begun && inTime ? `${begun} ${event.key}` : event.key;
    begun = "";
    const named = namedByPage(keys);
    if (named) {
      event.preventDefault();
      activate(named);
    } else if (BUILT_IN[keys]) {
      event.preventDefault();
      BUILT_IN[keys]();
    } else if (document.querySelector(`[data-key^="${CSS.escape(keys)} "]`)) {
      begun = keys;
      begunAt = event.timeStamp;
    }
  });
}

/**
 * The first visible control that carries these keys.
 *
 * @param {string} keys
 */
function namedByPage(keys) {
  const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`));
  return [...all].find((element) => element.checkVisibility({ visibilityProperty: true }));
}

/**
 * Does what a click would; a field is focused, and choosing how to write leads to the writing.
 *
 * @param {HTMLElement} element
 */
function activate(element) {
  if (element.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
    element.focus();
    return;
  }
  element.click();
  if (element.matches(".pen input")) focusOn(".pen textarea");
}

/** @param {string} selector */
function focusOn(selector) {
  const field = document.querySelector(selector);
  if (!(field instanceof HTMLElement)) return;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

/** @param {EventTarget | null} target */
function isField(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"))
  );
}
