/** Light, dark, or as the computer is set. What was chosen before is set by `first.js`. */

const STORED = "samko.theme";

/** "auto", "light" or "dark". */
export function currentTheme() {
  return document.documentElement.dataset.theme ?? "auto";
}

/** Sets and keeps the choice. */
export function setTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}
