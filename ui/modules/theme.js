const YEAR_SECONDS = 31_536_000;

/**
 * Remembers the chosen theme in a cookie, so that the server writes it into the next page and nothing flashes.
 * A control says `data-theme-to="light|dark|system"`; without the script it is a button of the settings form.
 */
export function startTheme() {
  const chosen = /(?:^|; )bottega_theme=(light|dark)/.exec(document.cookie)?.[1];
  if (chosen) document.documentElement.dataset.theme = chosen;

  document.addEventListener("click", (event) => {
    const control = event.target instanceof Element && event.target.closest("[data-theme-to]");
    if (!(control instanceof HTMLElement)) return;
    event.preventDefault();
    choose(control.dataset.themeTo ?? "system");
  });
}

/** @param {string} theme */
function choose(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
    document.cookie = `bottega_theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
  } else {
    delete document.documentElement.dataset.theme;
    document.cookie = `bottega_theme=; path=/; max-age=0; samesite=lax${secure}`;
  }
}
