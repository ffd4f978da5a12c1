/** @typedef {{ signal: (signal: any) => void, lost: () => void, back: () => void }} Listener */

/**
 * Listens to the stream through the browser's shared worker, or directly where there is none.
 *
 * @param {string} address of the stream
 * @param {string | undefined} worker address of the worker's script
 * @param {Listener} listener
 */
export function openStream(address, worker, listener) {
  const hear = (/** @type {{ type: string, data?: any }} */ message) => {
    if (message.type === "signal") listener.signal(message.data);
    else if (message.type === "lost") listener.lost();
    else if (message.type === "hello") listener.back();
  };
  if (worker && "SharedWorker" in window) {
    const shared = new SharedWorker(worker, { name: "bottega-live" });
    const join = () => shared.port.postMessage({ type: "join", address });
    shared.port.onmessage = (event) => hear(event.data);
    shared.onerror = () => void follow(address, hear);
    join();
    window.addEventListener("pageshow", (event) => event.persisted && join());
    window.addEventListener("pagehide", () => shared.port.postMessage({ type: "leave" }));
  } else {
    const stop = follow(address, hear);
    window.addEventListener("pagehide", stop);
    window.addEventListener("pageshow", (event) => event.persisted && follow(address, hear));
  }
}

/** First wait before a refused stream is asked for again; it doubles up to the longest. */
const WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Follows the stream and comes back after every break. The browser retries a cut line by itself, not a refused one
 * (a server that restarts, a session that ended), so that is done here.
 *
 * @param {string} address
 * @param {(message: { type: string, data?: any }) => void} hear
 * @returns {() => void} stops it
 */
export function follow(address, hear) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let wait = WAIT_MS;

  const open = () => {
    source = new EventSource(address);
    source.addEventListener("hello", () => {
      wait = WAIT_MS;
      hear({ type: "hello" });
    });
    source.addEventListener("signal", (event) => hear({ type: "signal", data: JSON.parse(event.data) }));
    source.onerror = () => {
      hear({ type: "lost" });
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
