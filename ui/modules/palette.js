import { word } from "./words.js";

/** Where the palette looks for things to do: the rooms, the actions of the page, and whatever names a key. */
const SOURCES = ".rail a, .sheet :is(a, button), .top a, main :is(a.btn, button.btn, .menu a, .menu button), [data-key]:is(a, button)";
const SHOWN = 9;

/** @typedef {{ label: string, where: string, keys: string, run: () => void }} Choice */

/** Opens the command palette over the links and actions that the page has. */
export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const choices = gather();
  /** @type {Choice[]} */
  let found = [];
  let at = 0;

  const dialog = sheet("palette");
  const input = document.createElement("input");
  const list = document.createElement("ul");
  Object.assign(input, { type: "text", autocomplete: "off", role: "combobox", placeholder: word("palette"), ariaLabel: word("palette") });
  Object.assign(input, { ariaExpanded: "true", ariaAutoComplete: "list" });
  input.setAttribute("aria-controls", "palette-options");
  Object.assign(list, { id: "palette-options", className: "options", role: "listbox", ariaLabel: word("palette") });
  dialog.append(input, list);

  const show = () => {
    found = match(choices, input.value);
    at = Math.min(at, Math.max(0, found.length - 1));
    list.replaceChildren(...found.map((choice, index) => option(choice, index === at)));
    if (!found.length) list.append(Object.assign(document.createElement("li"), { className: "quiet", textContent: word("nothing") }));
    input.setAttribute("aria-activedescendant", found.length ? `palette-${at}` : "");
    [...list.children].forEach((item, index) => (item.id = `palette-${index}`));
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const run = (/** @type {number} */ index) => {
    dialog.close();
    found[index]?.run();
  };
  input.addEventListener("input", () => ((at = 0), show()));
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      at = (at + step + found.length) % found.length;
      show();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    }
  });
  list.addEventListener("click", (event) => {
    const item = event.target instanceof Element && event.target.closest("li");
    if (item) run([...list.children].indexOf(item));
  });
  show();
  dialog.showModal();
}

/** Opens the sheet of keys, read from the page itself: what it names with `data-key`, and what every list knows. */
export function openKeys() {
  const dialog = sheet("help");
  const header = document.createElement("header");
  header.append(Object.assign(document.createElement("h2"), { textContent: word("keys") }));
  const close = Object.assign(document.createElement("button"), { className: "btn quiet s", textContent: word("close") });
  close.addEventListener("click", () => dialog.close());
  header.append(close);

  const list = Object.assign(document.createElement("ul"), { className: "keys" });
  /** @type {Map<string, string>} */
  const keys = new Map([["j k", word("move")], ["Enter", word("open")], ["Ctrl K", word("palette")]]);
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element instanceof HTMLElement && element.dataset.key && !keys.has(element.dataset.key)) keys.set(element.dataset.key, labelOf(element));
  }
  for (const [key, label] of keys) {
    if (!label) continue;
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("span"), { textContent: label }), Object.assign(document.createElement("kbd"), { textContent: key }));
    list.append(item);
  }
  dialog.append(header, list);
  dialog.showModal();
}

/** @param {string} name */
function sheet(name) {
  const dialog = document.createElement("dialog");
  dialog.className = name;
  dialog.ariaLabel = word(name === "palette" ? "palette" : "keys");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  return dialog;
}

/** @returns {Choice[]} */
function gather() {
  /** @type {Map<string, Choice>} */
  const choices = new Map();
  for (const element of document.querySelectorAll(SOURCES)) {
    if (!(element instanceof HTMLElement) || element.matches(":disabled, .sign")) continue;
    const label = labelOf(element);
    // The phone's sheet repeats the rail: the same name is the same choice.
    if (!label || choices.has(label)) continue;
    const where = element.closest("nav")?.ariaLabel ?? "";
    choices.set(label, { label, where, keys: element.dataset.key ?? "", run: () => element.click() });
  }
  return [...choices.values()];
}

/**
 * @param {Choice[]} choices
 * @param {string} query
 */
function match(choices, query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const found = choices.filter((choice) => words.every((part) => fold(`${choice.label} ${choice.where}`).includes(part))).slice(0, SHOWN);
  const form = document.querySelector("form.find");
  const text = query.trim();
  if (text && form instanceof HTMLFormElement) {
    const label = word("search", { q: text });
    const address = `${form.action}?${new URLSearchParams({ q: text })}`;
    if (label) found.push({ label, where: "", keys: "", run: () => location.assign(address) });
  }
  return found;
}

/**
 * @param {Choice} choice
 * @param {boolean} selected
 */
function option(choice, selected) {
  const item = document.createElement("li");
  item.role = "option";
  item.ariaSelected = String(selected);
  item.append(choice.label);
  if (choice.where) item.append(Object.assign(document.createElement("span"), { className: "where", textContent: choice.where }));
  if (choice.keys) item.append(Object.assign(document.createElement("kbd"), { textContent: choice.keys }));
  return item;
}

/**
 * What a control is called, without its counter and its key.
 *
 * @param {HTMLElement} element
 */
function labelOf(element) {
  if (element.ariaLabel) return element.ariaLabel;
  const copy = /** @type {HTMLElement} */ (element.closest("label")?.cloneNode(true) ?? element.cloneNode(true));
  // The composer names its button twice, for an answer and for a note: only one of them is seen.
  const unseen = element.closest(".pen")?.querySelector('[value="note"]:checked') ? ".as-reply" : ".as-note";
  for (const part of copy.querySelectorAll(`kbd, b, .face, .tiny, svg, input, ${unseen}`)) part.remove();
  return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** @param {string} text */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
