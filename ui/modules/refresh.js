import { fill } from "./words.js";

/** Addresses being fetched, with the ids that were asked for meanwhile: a burst costs two fetches. @type {Map<string, Set<string>>} */
const asking = new Map();

/**
 * Fetches again the parts of the page that changed and morphs them in place. Every part has an id, and the answer
 * (a fragment or the whole page) holds an element with the same id; if it does not, nothing moves.
 *
 * @param {HTMLElement[]} parts
 */
export async function refresh(parts) {
  const byAddress = Map.groupBy(parts, (part) => part.dataset.liveUrl ?? location.href);
  await Promise.all([...byAddress].map(([address, group]) => ask(address, new Set(group.map((part) => part.id)))));
}

/**
 * @param {string} address
 * @param {Set<string>} ids
 */
async function ask(address, ids) {
  const waiting = asking.get(address);
  if (waiting) {
    for (const id of ids) waiting.add(id);
    return;
  }
  asking.set(address, new Set());
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "text/html" }, cache: "no-cache" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ids) {
      const part = document.getElementById(id);
      const next = page.getElementById(id);
      if (part && next) offer(part, next);
    }
  } catch {
    // The line is down: when the stream is back, everything is fetched again.
  } finally {
    const more = asking.get(address);
    asking.delete(address);
    if (more?.size) void ask(address, more);
  }
}

/**
 * Puts the new part in place, unless it is a list that the hand or the focus is on: that one waits and says so.
 *
 * @param {HTMLElement} part
 * @param {HTMLElement} next
 */
function offer(part, next) {
  const fresh = [...next.children].filter((row) => row.id && !document.getElementById(row.id)).length;
  if (part.dataset.liveNew === undefined || !held(part)) put(part, next);
  else if (fresh) pill(part, next, fresh);
  else later(part, next);
}

/** A finger leaves `:hover` behind where it tapped last; only a mouse or a pen is really there. */
let hovering = false;
document.addEventListener("pointerover", (event) => (hovering = event.pointerType !== "touch"), { passive: true });

/** @param {HTMLElement} part */
function held(part) {
  return part.matches(":focus-within") || (hovering && part.matches(":hover"));
}

/**
 * @param {HTMLElement} part
 * @param {HTMLElement} next
 */
function put(part, next) {
  pillOf(part)?.remove();
  void htmx.swap({ text: next.outerHTML, target: part, sourceElement: part, swap: "outerMorph" });
}

/**
 * Rows that only changed wait until the hand leaves.
 *
 * @param {HTMLElement} part
 * @param {HTMLElement} next
 */
function later(part, next) {
  const leave = new AbortController();
  const go = () => {
    if (held(part)) return;
    leave.abort();
    if (part.isConnected && !pillOf(part)) put(part, next);
  };
  part.addEventListener("pointerleave", go, { signal: leave.signal });
  part.addEventListener("focusout", () => setTimeout(go), { signal: leave.signal });
}

/**
 * @param {HTMLElement} part
 * @param {HTMLElement} next
 * @param {number} count of rows that are new
 */
function pill(part, next, count) {
  pillOf(part)?.remove();
  const holder = Object.assign(document.createElement("div"), { className: "fresh" });
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.textContent = fill(part.dataset.liveNew ?? "", { n: count });
  button.dataset.key = ".";
  button.addEventListener("click", () => put(part, next));
  holder.role = "status";
  holder.append(button);
  part.before(holder);
}

/** @param {HTMLElement} part */
function pillOf(part) {
  const before = part.previousElementSibling;
  return before?.matches(".fresh") ? before : null;
}
