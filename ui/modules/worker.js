// The shared worker: one stream for all the pages that this browser has open. It carries signals, never content.
import { follow } from "./stream.js";

/** @type {Set<MessagePort>} */
const pages = new Set();
/** @type {(() => void) | undefined} */
let stop;

let lost = false;

/** @param {{ type: string, data?: any }} message */
function tell(message) {
  lost = message.type === "lost" || (lost && message.type !== "hello");
  for (const page of pages) page.postMessage(message);
}

self.addEventListener("connect", (event) => {
  const page = /** @type {MessageEvent} */ (event).ports[0];
  if (!page) return;
  page.onmessage = ({ data }) => {
    if (data.type === "join") {
      pages.add(page);
      stop ??= follow(data.address, tell);
      // Who comes while the line is down learns it, and so fetches again when the line is back.
      if (lost) page.postMessage({ type: "lost" });
    } else if (data.type === "leave") {
      pages.delete(page);
      if (!pages.size) {
        stop?.();
        stop = undefined;
      }
    }
  };
});
