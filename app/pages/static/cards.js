// CDS Hooks cards as elements. Text becomes text nodes: no string is ever parsed as HTML.

const WORDS = { critical: "Critical", warning: "Warning", info: "Information" };
const KEEP = { because: "Keep the order because ", button: "Override", done: "Overridden" };
const DISMISS = { because: "Dismiss because ", button: "Dismiss", done: "Dismissed" };
const ANSWERED = "answered"; // the class of a card that was accepted or overridden
const OPEN_BLOCKS = 2; // of the detail that show at once: what to do, and why
const INLINE = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/, // a sign that is escaped
    /\*\*(?=\S)((?:\\.|[^\\])+?)(?<=\S)\*\*/, // strong
    /\*(?=[^\s*])((?:\\.|[^\\*])+?)(?<=\S)\*/, // em
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);
const SVG = "http://www.w3.org/2000/svg";

/** An element with *properties*, holding *children*: nodes, or text. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A card's Markdown as elements: paragraphs, lists, rules, strong and em; all else is text. */
export function markdown(text) {
  const blocks = [];
  let list = null;
  let lines = [];
  const close = () => {
    if (lines.length) blocks.push(element("p", {}, ...inline(lines.join(" "))));
    lines = [];
    list = null;
  };
  for (const line of text.split("\n")) {
    const item = /^\s*[-*] (.*)$/.exec(line);
    if (!line.trim()) {
      close();
    } else if (/^-{3,}\s*$/.test(line)) {
      close();
      blocks.push(element("hr"));
    } else if (item) {
      if (!list) {
        close();
        blocks.push((list = element("ul")));
      }
      list.append(element("li", {}, ...inline(item[1])));
    } else if (list) {
      list.lastChild.append(" ", ...inline(line.trim()));
    } else {
      lines.push(line.trim());
    }
  }
  close();
  return blocks;
}

function inline(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(text.slice(from, match.index));
    const [whole, sign, strong, em] = match;
    if (sign) found.push(sign);
    else if (strong) found.push(element("strong", {}, ...inline(strong)));
    else found.push(element("em", {}, ...inline(em)));
    from = match.index + whole.length;
  }
  return [...found, text.slice(from)];
}

/**
 * A card. *on.accept(suggestion)* and *on.override(reason)* resolve to what became of the feedback,
 * in words; *on.answered* follows once, and *on.note* gets all of it as a line. *on.keeps* says
 * whether an override keeps an order, or only puts the card away.
 */
export function cardElement(card, on) {
  const shown = element("article", { className: `card ${known(card.indicator)}` });
  const words = on.keeps ? KEEP : DISMISS;
  const title = element("h3", { id: `card-${card.uuid}` }, card.summary);
  shown.setAttribute("aria-labelledby", title.id);
  shown.append(element("header", {}, badge(card.indicator), title), detail(card.detail ?? ""));
  const answer = element("div", { className: "do" });
  if (card.suggestions?.length) answer.append(suggestionList(card, accept));
  if (card.overrideReasons?.length) answer.append(overrideForm(card, words, override));
  if (answer.hasChildNodes()) shown.append(answer);
  shown.append(footer(card));
  return shown;

  function accept(suggestion) {
    settle(`Accepted: ${suggestion.label}.`, () => on.accept(suggestion));
  }

  function override(reason) {
    settle(`${words.done}: ${reason.display}.`, () => on.override(reason));
  }

  async function settle(what, send) {
    shown.classList.add(ANSWERED);
    const told = send();
    const said = element("p", { className: "settled", tabIndex: -1 }, what);
    answer.replaceWith(said);
    if (shown.isConnected) said.focus();
    on.answered();
    on.note(`${what} ${await told}`);
  }
}

/** Whether *card* waits for an answer before orders are signed. */
export function wantsAnswer(card) {
  return card.indicator !== "info" && Boolean(card.overrideReasons?.length);
}

/** The cards in *section* that nobody accepted or overrode yet. */
export const unanswered = (section) => [...section.querySelectorAll(`.card:not(.${ANSWERED})`)];

function known(indicator) {
  return Object.hasOwn(WORDS, indicator) ? indicator : "info";
}

function badge(indicator) {
  const icon = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${known(indicator)}`);
  icon.append(use);
  return element("span", { className: "badge" }, icon, WORDS[known(indicator)]);
}

function detail(text) {
  const [first, rest] = [element("div", { className: "detail" }), markdown(text)];
  first.append(...rest.splice(0, rest.length > OPEN_BLOCKS + 1 ? OPEN_BLOCKS : rest.length));
  if (rest.length) {
    const title = element("summary", {}, "What it rests on");
    first.append(element("details", {}, title, element("div", { className: "detail" }, ...rest)));
  }
  return first;
}

function suggestionList(card, accept) {
  const buttons = card.suggestions.map((suggestion) => {
    const name = suggestion.isRecommended ? "primary" : "";
    const button = element("button", { type: "button", className: name }, suggestion.label);
    if (suggestion.isRecommended) button.append(element("small", {}, " recommended"));
    button.addEventListener("click", () => accept(suggestion));
    return button;
  });
  return element("p", { className: "suggestions" }, ...buttons);
}

function overrideForm(card, words, override) {
  const none = element("option", { value: "" }, "Choose a reason");
  const select = element("select", { required: true }, none);
  const button = element("button", {}, words.button);
  for (const each of [select, button]) each.setAttribute("aria-describedby", `card-${card.uuid}`);
  card.overrideReasons.forEach((reason, place) => {
    select.append(element("option", { value: String(place) }, reason.display ?? reason.code));
  });
  const label = element("label", {}, element("span", {}, words.because), select);
  const form = element("form", { className: "override" }, label, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    override(card.overrideReasons[Number(select.value)]);
  });
  return form;
}

function footer(card) {
  const { label = "not said", url } = card.source ?? {};
  const foot = element("footer", {}, "Source: ", link(label, url));
  for (const one of card.links ?? []) {
    foot.append(" · ", one.type === "smart" ? one.label : link(one.label, one.url));
  }
  return foot;
}

function link(label, url) {
  const address = URL.canParse(url ?? "") ? new URL(url) : null;
  if (!["https:", "http:"].includes(address?.protocol)) return label;
  return element("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, label);
}
