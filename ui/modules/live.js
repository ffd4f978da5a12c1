import { refresh } from "./refresh.js";
import { openStream } from "./stream.js";
import { say, word } from "./words.js";

/** A signal says that something changed, never what: the page fetches its own part again, with its own rights. */
/** @typedef {{ kind: string, id?: string, revision?: number }} Signal */

/** Signals that come together are answered by one fetch. */
const GATHER_MS = 250;

/** Follows the browser's one stream, for the elements that say `data-live="kind:id …"`, `"kind"` or `"list"`. */
export function startLive() {
  const { stream, worker } = document.body.dataset;
  if (!stream) return;
  /** @type {Set<HTMLElement>} */
  const stale = new Set();
  let timer = 0;
  let cut = false;

  const work = () => {
    timer = 0;
    if (document.hidden || !stale.size) return;
    const due = [...stale];
    stale.clear();
    void refresh(due);
  };
  const mark = (/** @type {(tokens: string[]) => boolean} */ wanted) => {
    for (const element of document.querySelectorAll("[data-live]")) {
      if (element instanceof HTMLElement && wanted((element.dataset.live ?? "").split(/\s+/))) stale.add(element);
    }
    // Hidden pages catch up when they are looked at.
    if (!document.hidden) timer ||= window.setTimeout(work, GATHER_MS);
  };

  openStream(stream, worker, {
    signal: (/** @type {Signal} */ signal) =>
      mark((tokens) => tokens.includes("list") || tokens.includes(signal.kind) || tokens.includes(`${signal.kind}:${signal.id}`)),
    lost: () => {
      cut = true;
    },
    back: () => {
      if (!cut) return;
      cut = false;
      mark(() => true);
    },
  });
  document.addEventListener("visibilitychange", work);
  // A page shown again from the browser's memory missed everything in between.
  window.addEventListener("pageshow", (event) => event.persisted && mark(() => true));
  window.addEventListener("offline", () => say(word("offline")));
}
