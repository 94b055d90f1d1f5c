/**
 * Small helpers to build and change the page. No markup is ever made from text: what people or
 * the engine have written only becomes text nodes and attributes.
 */

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id; a page without it is a fault of ours. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/**
 * Makes an element. `props`: `class`, `on` ({event: handler}), `data` (data-*), and attributes;
 * false, null and undefined leave an attribute out.
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Makes an SVG element, with `props` as in `h`. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets the text, unless it is there already: what has not changed is not drawn again. */
export function setText(element, text) {
  const value = String(text);
  if (element.textContent !== value) element.textContent = value;
}

/** Sets an attribute, unless it has that value already; null takes it away. */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * Keeps a list of elements in step with a list of items: an item that stays keeps its element, and
 * with it the reader's focus. `make(item)` builds one, `update(element, item)` fills it.
 */
export function keyedList(parent, keyOf, make, update) {
  const elements = new Map();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, element] of elements) {
      if (keys.has(key)) continue;
      element.remove();
      elements.delete(key);
    }
    let next = parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      let element = elements.get(key);
      if (!element) elements.set(key, (element = make(item)));
      update(element, item);
      if (element === next) next = next.nextElementSibling;
      else move(parent, element, next);
    }
  };
}

/** Where the browser can, an element that is moved keeps the focus. */
function move(parent, element, next) {
  if (element.isConnected && parent.moveBefore) parent.moveBefore(element, next);
  else parent.insertBefore(element, next);
}
