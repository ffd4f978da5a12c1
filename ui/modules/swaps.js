/** @import { HtmxRequestCtx } from "htmx.org" */
import { say, word } from "./words.js";

/**
 * How htmx swaps in this house: a composer that somebody may be writing in is an island, an opened fold stays open,
 * an answer that belongs to another page is opened as that page, and an answer without the wanted part moves nothing.
 */
export function startSwaps() {
  /** The form whose own answer is being swapped in. @type {HTMLFormElement | undefined} */
  let sent;

  htmx.registerExtension("bottega", {
    htmx_before_morph_node: (/** @type {Element} */ node) => !(node.matches?.(".pen") && node !== sent),
    htmx_before_morph_attr: (/** @type {Element} */ node, /** @type {{ attrName: string }} */ change) =>
      !(change.attrName === "open" && node.matches("details, dialog")),
  });

  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = /** @type {CustomEvent<{ ctx: HtmxRequestCtx, tasks: any[] }>} */ (event).detail;
    const answer = ctx.response?.raw;
    if (answer?.redirected && new URL(answer.url).pathname !== location.pathname) {
      event.preventDefault();
      location.assign(answer.url);
      return;
    }
    const main = tasks.find((task) => task.type === "main");
    if (ctx.select && main && main.fragment.childElementCount === 0) {
      event.preventDefault();
      say(word("failed"));
      return;
    }
    sent = (ctx.response && ctx.sourceElement?.closest("form")) || undefined;
  });

  document.addEventListener("htmx:finally:swap", () => {
    // What the server wrote is the truth now: an emptied composer after sending, the same words beside an error.
    sent?.reset();
    sent = undefined;
    document.dispatchEvent(new CustomEvent("bottega:changed"));
  });

  document.addEventListener("htmx:error", () => say(word("failed")));
}
