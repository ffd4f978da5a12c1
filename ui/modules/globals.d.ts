import type { Htmx } from "htmx.org";

declare global {
  /** htmx stands before our modules in the same file. */
  const htmx: Htmx;
}
