/**
 * A word in the reader's language, from the page's `<template id="words" data-…>`: the script has none of its own.
 *
 * @param {string} name the part after `data-`, in camel case
 * @param {Record<string, string | number>} [values] what stands for `{name}` in the text
 * @returns {string} the text, or nothing if the page does not say it
 */
export function word(name, values = {}) {
  const text = document.getElementById("words")?.dataset[name] ?? "";
  return fill(text, values);
}

/**
 * Puts values where a text has `{name}`.
 *
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/**
 * Says one sentence at the foot of the page, to eyes and screen readers, and takes it away again.
 *
 * @param {string} text
 */
export function say(text) {
  if (!text) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.role = "status";
  document.body.append(toast);
  // Filled after it stands in the page, so that screen readers notice the change.
  requestAnimationFrame(() => (toast.textContent = text));
  setTimeout(() => toast.remove(), 4000);
}
