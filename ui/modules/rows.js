/** What a row is for the keyboard: the link that opens it. */
const ROW_LINK = ":is(.li, .hit) .who, a.li, a.hit";

/**
 * Moves the focus along the rows of the page. The focus itself is the cursor, so Enter opens and nothing is kept.
 *
 * @param {1 | -1} step
 */
export function move(step) {
  const links = rows();
  const here = links.findIndex((link) => rowOf(link).contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  const link = links[next];
  if (!link) return;
  link.focus({ preventScroll: true });
  rowOf(link).scrollIntoView({ block: "nearest" });
}

/** Opens the row that has the focus. */
export function openRow() {
  current()?.click();
}

/** Ticks the row that has the focus. */
export function pickRow() {
  const link = current();
  const box = link && rowOf(link).querySelector("input.pick");
  if (box instanceof HTMLInputElement) box.click();
}

function rows() {
  const links = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(ROW_LINK));
  return [...links].filter((link) => link.checkVisibility());
}

function current() {
  return rows().find((link) => rowOf(link).contains(document.activeElement));
}

/** @param {HTMLElement} link */
function rowOf(link) {
  return link.closest(".li, .hit") ?? link;
}
