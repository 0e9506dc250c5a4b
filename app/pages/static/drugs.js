// Typing ahead: an ARIA combobox with a list of drugs; *chosen* gets the one that was picked.

import { element } from "./cards.js";

const WAIT_MS = 120;

export function drugFinder(input, list, counted, address, chosen) {
  let offered = [];
  let active = -1;
  let asked = 0;
  let timer = 0;

  input.addEventListener("input", () => {
    stale();
    timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const keys = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: pick, Escape: close };
    if (!Object.hasOwn(keys, event.key)) return;
    if (event.key !== "Escape") event.preventDefault();
    keys[event.key]();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose([...list.children].indexOf(option));
  });

  async function look() {
    const mine = ++asked;
    const typed = input.value.trim();
    if (!typed) return close();
    let found = [];
    let said = "";
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      found = (await answer.json()).drugs;
    } catch (error) {
      said = `The drugs could not be looked up: ${error.message}`;
    }
    if (mine !== asked) return;
    if (!found.length && !said) found = [{ display: typed, words: "(not in the list, in words)" }];
    show(found, said);
  }

  function show(found, said) {
    offered = found;
    active = found.length ? 0 : -1;
    list.replaceChildren(...found.map(option));
    if (said) list.append(element("li", { className: "none", role: "option" }, said));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    counted.textContent = said || `${found.length} found, arrow keys to choose`;
    mark();
  }

  function option({ display, words }, place) {
    const made = element("li", { id: `drug-${place}`, role: "option" }, display);
    if (words) made.append(element("small", {}, ` ${words}`));
    return made;
  }

  function move(by) {
    if (list.hidden) return look();
    if (offered.length) active = (active + by + offered.length) % offered.length;
    mark();
  }

  function mark() {
    [...list.children].forEach((option, place) => {
      option.ariaSelected = String(place === active);
      if (place === active) option.scrollIntoView({ block: "nearest" });
    });
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `drug-${active}`);
  }

  function pick() {
    if (!list.hidden) choose(active);
  }

  function choose(place) {
    const drug = offered[place];
    if (!drug) return;
    input.value = "";
    close();
    chosen(drug);
  }

  /** What is listed was for other words: nothing of it can be chosen any more. */
  function stale() {
    asked += 1;
    clearTimeout(timer);
    offered = [];
    active = -1;
    mark();
  }

  function close() {
    stale();
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    counted.textContent = "";
  }
}
