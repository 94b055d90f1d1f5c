/**
 * The bar at the top, the banner about old figures, and the question for a key: the same on every
 * page.
 */

import { byId, h, setText, svg } from "./dom.js";
import { clock, day } from "./format.js";
import { currentLanguage, onLanguage, setLanguage, t, translatePage } from "./language.js";
import { currentTheme, setTheme } from "./theme.js";
import { findToken, forgetToken, takeToken } from "./token.js";

const PAGES = [
  ["nation", "./"],
  ["ledger", "ledger.html"],
  ["phone", "phone.html"],
  ["agent", "agent.html"],
];
const THEMES = [
  ["auto", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.6v8.8a4.4 4.4 0 0 1 0-8.8Z"],
  [
    "light",
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM7.3 1h1.4v2.4H7.3zm0 11.6h1.4V15H7.3zM1 7.3h2.4v1.4H1zm11.6 0H15v1.4h-2.4zM2.5 3.5l1-1 1.7 1.7-1 1zm8.3 8.3 1-1 1.7 1.7-1 1zm1-6.6-1-1 1.7-1.7 1 1zm-8.3 8.3-1-1 1.7-1.7 1 1z",
  ],
  ["dark", "M13.4 10.2A6 6 0 0 1 5.8 2.6a6 6 0 1 0 7.6 7.6Z"],
];

/** Draws the bar for one of the pages `nation`, `ledger`, `phone` and `agent`. */
export function drawTop(page) {
  const bar = byId("top");
  const tools = h("div", { class: "tools" }, ...pageTools(page), languages(), themes());
  bar.append(brand(page), nav(page), tools);
  translatePage();
  showConnection("connecting");
  onLanguage(() => redrawChoices(bar));
  redrawChoices(bar);
}

function brand(page) {
  const mark = svg(
    "svg",
    { viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("circle", { cx: 12, cy: 16, r: 8, fill: "none", stroke: "#fff", "stroke-width": 3 }),
    svg("circle", { cx: 20, cy: 16, r: 8, fill: "none", stroke: "#7fd1c1", "stroke-width": 3 }),
  );
  const title = h("h1", { data: { t: `title_${page}` } });
  return h("a", { class: "brand", href: "./" }, mark, h("span", {}, h("strong", {}, "Samkö"), title));
}

function nav(page) {
  const links = PAGES.map(([name, href]) =>
    h("a", { href, "aria-current": name === page && "page", data: { t: `nav_${name}` } }),
  );
  return h("nav", { data: { tLabel: "nav" } }, links);
}

function pageTools(page) {
  const connection = h("span", { class: "connection", id: "connection", role: "status" });
  if (page !== "nation") return [connection];
  const time = h(
    "span",
    { class: "engine-time", id: "engine-time" },
    h("span", { id: "engine-day" }),
    h("b", { id: "engine-clock" }),
  );
  return [connection, time, h("div", { class: "choices", id: "speed", role: "group", hidden: true })];
}

function languages() {
  const choose = (code, name) =>
    h(
      "button",
      { type: "button", lang: code, data: { language: code }, on: { click: () => setLanguage(code) } },
      h("span", { "aria-hidden": "true" }, code.toUpperCase()),
      h("span", { class: "only-read" }, name),
    );
  const group = { class: "choices", role: "group", data: { tLabel: "language" } };
  return h("div", group, choose("sv", "Svenska"), choose("en", "English"));
}

function themes() {
  const choose = ([theme, path]) =>
    h(
      "button",
      {
        type: "button",
        data: { theme, tLabel: `theme_${theme}` },
        on: {
          click: () => {
            setTheme(theme);
            redrawChoices(byId("top"));
          },
        },
      },
      svg(
        "svg",
        { viewBox: "0 0 16 16", "aria-hidden": "true" },
        svg("path", { d: path, fill: "currentColor", "fill-rule": "evenodd" }),
      ),
    );
  const group = { class: "choices", role: "group", data: { tLabel: "theme" } };
  return h("div", group, THEMES.map(choose));
}

function redrawChoices(bar) {
  for (const button of bar.querySelectorAll("button[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === currentLanguage());
  }
  for (const button of bar.querySelectorAll("button[data-theme]")) {
    button.setAttribute("aria-pressed", button.dataset.theme === currentTheme());
  }
}

/** Shows the engine's time of day. */
export function showTime(ms) {
  setText(byId("engine-day"), day(ms));
  setText(byId("engine-clock"), clock(ms));
}

/** Shows how the connection is: one of the states of `Live`. */
export function showConnection(state) {
  const pill = byId("connection");
  pill.dataset.state = state;
  setText(pill, t(`state_${state}`));
}

/**
 * Shows or hides the banner about old figures. `silentMs`: how long nothing was heard; `atMs`: the
 * engine time of what is on the screen, null when there is nothing.
 */
export function showStale(isStale, silentMs = 0, atMs = null) {
  const banner = byId("stale");
  document.body.classList.toggle("is-stale", isStale);
  if (!isStale) {
    banner.hidden = true;
    banner.replaceChildren();
    return;
  }
  if (banner.hidden) {
    banner.replaceChildren(h("strong"), h("span"));
    banner.hidden = false;
  }
  const values = { seconds: Math.round(silentMs / 1000), time: atMs === null ? "" : clock(atMs) };
  setText(banner.firstElementChild, t("stale_title"));
  setText(banner.lastElementChild, atMs === null ? t("stale_never") : t("stale_since", values));
}

/** Finds the key, or asks a person for it in place of the page; resolves once there is one. */
export async function requireToken() {
  if (await findToken()) return;
  await askForToken("key_why");
}

/** The key was refused: asks for another and begins again. */
export async function replaceToken() {
  forgetToken();
  await askForToken("key_refused");
  location.reload();
}

function askForToken(why) {
  const main = byId("content");
  main.hidden = true;
  return new Promise((resolve) => {
    const input = h("input", { id: "key", type: "password", autocomplete: "off", required: true });
    const card = h(
      "main",
      { class: "card ask-key" },
      h("h2", { data: { t: "key_title" } }),
      h("p", { data: { t: why } }),
      h(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              takeToken(input.value);
              card.remove();
              main.hidden = false;
              resolve();
            },
          },
        },
        h("label", { class: "field" }, h("span", { data: { t: "key_label" } }), input),
        h("button", { class: "button main", data: { t: "key_use" } }),
      ),
    );
    main.after(card);
    translatePage();
    input.focus();
  });
}
