// The chart's flow: draft orders, calls of the three services over HTTP, feedback. An answer that
// comes late never replaces a newer one; an error is shown as one, never as "no alerts".

import { failed, gaps, placeOf, post, uuid, wire } from "./calls.js";
import { cardElement, element, unanswered, wantsAnswer } from "./cards.js";
import { dosage, doseFields, unreadable } from "./doses.js";
import { drugFinder } from "./drugs.js";

const NARROW = "screen and (width < 60rem)"; // as in sandbox.css
const FINDING = "org.rxhooks.finding";
const page = document.getElementById("main");
const { server, patient, drugs: drugsAddress } = page.dataset;
const at = (id) => document.getElementById(id);
const about = new WeakMap(); // a card as it shows -> the drafts that it names
const asked = {}; // section -> the number of its newest call, and how to abort it
const reasons = [...document.querySelectorAll("[data-concept]")]
  .map((row) => [row.querySelector("b").textContent, JSON.parse(row.dataset.concept)])
  .map(([name, concept]) => ({ name, concept }))
  .filter(({ concept }) => Object.keys(concept).length);
let drafts = []; // FHIR resources, in the order of the list
let made = 0; // how many drafts there ever were
let selected = []; // what the newest order-select was about
let unjudged = []; // of it, what no order-select has answered about yet
let signing = null; // what the last order-sign answered: { orders, waiting }

// Drafts

const reference = (order) => `${order.resourceType}/${order.id}`;
const those = (names) => drafts.map(reference).filter((name) => names.includes(name));
const isDrug = (order) => order.resourceType === "MedicationRequest";
const nameOf = (order) => {
  const concept = order.medicationCodeableConcept ?? order.code ?? {};
  return concept.text ?? concept.coding?.[0]?.display ?? "an order without a name";
};

function newDraft(resource) {
  made += 1;
  return { ...resource, id: `draft-${made}` };
}

function order(drug) {
  const coding = { system: drug.system, code: drug.code, display: drug.display };
  const draft = newDraft({
    resourceType: "MedicationRequest",
    status: "draft",
    intent: "order",
    medicationCodeableConcept: { ...(drug.code && { coding: [coding] }), text: drug.display },
    subject: { reference: `Patient/${patient}` },
    authoredOn: new Date().toISOString().slice(0, 10),
  });
  if (drug.amount) draft.dosageInstruction = [dosage(drug.amount, drug.unit, "1/1/d")];
  drafts.push(draft);
  changed([draft]);
  at("drafts").lastElementChild.querySelector("input").focus();
}

/** Show the drafts as they are now, and have those of *touched* that are still there checked. */
function changed(touched) {
  drawDrafts();
  unsign(touched);
  const there = touched.filter((one) => drafts.includes(one) && isDrug(one));
  const left = those(selected).length < selected.length;
  if (there.length || (left && those(unjudged).length)) select(there);
  else if (left) clear(touched, "order-select");
}

/** What was said on signing is about other orders than there are now: *touched* are new. */
function unsign(touched) {
  signing = null;
  tell("");
  clear(touched, "order-sign");
}

/** Clear the answers of *hooks*. Alerts that nobody answered stay while their order is as it was. */
function clear(touched, ...hooks) {
  const same = drafts.filter((one) => !touched.includes(one)).map(reference);
  const cards = ["open", ...hooks].flatMap((id) => unanswered(at(id)));
  const open = cards.filter((card) => about.get(card).some((name) => same.includes(name)));
  hooks.forEach(forget);
  at("open").hidden = !open.length;
  at("open").querySelector(".answer").replaceChildren(...open);
}

function drawDrafts() {
  at("drafts").replaceChildren(...drafts.map(draftRow));
  at("no-drafts").hidden = drafts.length > 0;
  at("sign").disabled = drafts.length === 0;
}

function draftRow(draft) {
  const row = at("draft").content.cloneNode(true).firstElementChild;
  const title = row.querySelector("h3");
  title.textContent = nameOf(draft);
  title.id = `${draft.id}-name`;
  row.querySelector(".dose").setAttribute("aria-labelledby", title.id);
  const remove = row.querySelector("[name=remove]");
  remove.setAttribute("aria-label", `Remove ${nameOf(draft)}`);
  remove.addEventListener("click", () => {
    drafts = drafts.filter((one) => one !== draft);
    changed([]);
    at("drug").focus();
  });
  if (!isDrug(draft)) {
    row.querySelector(".dose").remove();
    return row;
  }
  doseFields(row, draft, () => edited(draft));
  fillReason(row.querySelector("[name=reason]"), draft);
  return row;
}

function fillReason(select, draft) {
  const given = draft.reasonCode?.[0];
  const same = ({ concept }) => JSON.stringify(concept) === JSON.stringify(given);
  const place = reasons.findIndex(same);
  reasons.forEach(({ name }, number) => select.append(new Option(name, String(number))));
  if (given && place < 0) select.append(element("option", { value: "kept" }, "as in the order"));
  if (given) select.value = place < 0 ? "kept" : String(place);
  select.addEventListener("change", () => {
    if (!select.value) delete draft.reasonCode;
    else draft.reasonCode = [reasons[select.value]?.concept ?? given];
    edited(draft);
  });
}

function edited(draft) {
  unsign([draft]);
  select([draft]);
}

// Calls

const entries = () => drafts.map((resource) => ({ resource }));
const bundle = () => ({ resourceType: "Bundle", type: "collection", entry: entries() });
const context = (more) => ({ userId: "Practitioner/sandbox", patientId: patient, ...more });

function view() {
  return call("patient-view", context());
}

/** Ask about *touched*, and about those whose own call failed or was overtaken by this one. */
async function select(touched) {
  clear(touched, "order-select");
  selected = those([...unjudged, ...touched.map(reference)]);
  unjudged = selected;
  const told = context({ selections: selected, draftOrders: bundle() });
  const answer = await call("order-select", told);
  if (answer && !answer.error) unjudged = [];
}

/** Sign what was checked as it is now and needs no answer any more; have it checked otherwise. */
async function sign() {
  const wrong = unreadable(at("drafts"));
  if (wrong) {
    wrong.focus();
    return tell("Not signed: a dose cannot be read.");
  }
  const orders = JSON.stringify(drafts);
  if (signing?.orders !== orders) {
    unsign([]);
    clear([], "order-select");
    const answer = await call("order-sign", context({ draftOrders: bundle() }));
    if (!answer || orders !== JSON.stringify(drafts)) return;
    if (answer.error) return tell("Not signed: the orders were not checked.");
    forget("open"); // all orders were asked about again
    unjudged = [];
    const { cards } = answer.json;
    signing = { orders, waiting: new Set(cards.filter(wantsAnswer).map(({ uuid }) => uuid)) };
    const toRead = cards.length > 0 && signing.waiting.size === 0;
    if (toRead) return tell("Not signed yet: read what is said below, then sign again.");
  }
  if (!signing.waiting.size) return signed();
  tell("Not signed yet: accept or override each alert, then sign again.");
}

function signed() {
  const count = drafts.length === 1 ? "1 order" : `${drafts.length} orders`;
  const hadFocus = document.activeElement === at("sign");
  drafts = [];
  signing = null;
  drawDrafts();
  if (hadFocus) at("drug").focus(); // there is nothing to press any more
  tell(`Signed: ${count}. Nothing is kept: this is a sandbox.`);
}

function tell(words) {
  at("signed").textContent = words;
}

const again = { "patient-view": view, "order-select": () => select([]), "order-sign": sign };

/** Call *hook* again. Who pressed the button, which goes away, is taken to the heading. */
function retry(hook) {
  again[hook]();
  if (document.activeElement === document.body) at(hook).querySelector("h2").focus();
}

function forget(hook) {
  asked[hook]?.abort.abort();
  asked[hook] = { number: (asked[hook]?.number ?? 0) + 1, abort: new AbortController() };
  at(hook).hidden = true;
  at(hook).querySelector(".answer").replaceChildren();
}

/** The answer of one call, once it shows; null if a newer call was made meanwhile. */
async function call(hook, told) {
  forget(hook);
  const { number, abort } = asked[hook];
  const section = at(hook);
  const body = section.querySelector(".answer");
  const request = { hook, hookInstance: uuid(), fhirServer: server, context: told };
  const address = placeOf(section.dataset.service);
  section.hidden = false;
  body.replaceChildren(element("p", { className: "state" }, "Checking …"));
  const started = performance.now();
  const answer = await post(address, request, abort.signal);
  if (!answer.error && !Array.isArray(answer.json.cards)) answer.error = "the answer has no cards";
  if (number !== asked[hook].number) return null;
  const took = `${Math.round(performance.now() - started)} ms`;
  const shown = shownAs(answer, section, took) ?? [failed(answer, () => retry(hook))];
  body.replaceChildren(...shown, wire(address, request, answer));
  say(section, answer);
  return answer;
}

/** The answer as cards; null, and an error in it, if it has none or they cannot be shown. */
function shownAs(answer, section, took) {
  if (answer.error) return null;
  try {
    return answered(answer.json, section, took);
  } catch {
    answer.error = "the answer cannot be shown";
    return null;
  }
}

function answered(json, section, took) {
  const { cards, extension = {} } = json;
  const shown = cards.map((card) => cardFor(card, section));
  const parts = [element("p", { className: "state" }, `${counted(cards)} · ${took}`), ...shown];
  const repeated = extension["org.rxhooks.repeated"] ?? [];
  const unchecked = extension["org.rxhooks.unchecked"] ?? [];
  if (repeated.length) parts.push(element("p", {}, `Not shown again: ${repeated.length}.`));
  if (unchecked.length) parts.push(gaps(unchecked));
  return parts;
}

const counted = ({ length }) => `${length || "No"} alert${length === 1 ? "" : "s"}`;

/** For those who do not see the cards: each of them in a sentence. */
function say(section, { error, json }) {
  const place = section.querySelector("h2").textContent;
  const lines = error ? [] : json.cards.map((card) => `${card.indicator}: ${card.summary}`);
  const said = error ? `not checked, ${error}` : [counted(json.cards), ...lines].join(". ");
  const open = unanswered(at("open"));
  const beside = open.length ? `. On other orders: ${counted(open)} not answered` : "";
  at("said").textContent = `${place}: ${said}${beside}`;
}

// What a prescriber does with a card

function cardFor(card, section) {
  const findings = [card.extension?.[FINDING] ?? []].flat();
  const names = those(findings.map((finding) => finding?.order));
  const shown = cardElement(card, { ...doings(card, section), keeps: names.length > 0 });
  about.set(shown, names);
  return shown;
}

function doings(card, section) {
  const send = (outcome) => feedback(section.dataset.service, card, outcome);
  return {
    accept({ actions = [], uuid: id }) {
      apply(actions);
      return send({ outcome: "accepted", acceptedSuggestions: [{ id }] });
    },
    override({ code, system }) {
      return send({ outcome: "overridden", overrideReason: { reason: { code, system } } });
    },
    answered: () => signing?.waiting.delete(card.uuid),
    note: (words) => at("done").prepend(element("li", {}, words)),
  };
}

/** Send what became of *card*; resolves to how that went, in words. */
async function feedback(service, card, outcome) {
  const entry = { card: card.uuid, outcomeTimestamp: new Date().toISOString(), ...outcome };
  const { error, issues } = await post(placeOf(`${service}/feedback`), { feedback: [entry] });
  return error ? `The feedback was not kept: ${[error, ...issues].join(", ")}.` : "Feedback sent.";
}

/** Apply a suggestion's actions to the drafts, and have what they leave checked anew. */
function apply(actions) {
  const touched = [];
  for (const { type, resource, resourceId } of actions) {
    const name = resourceId ?? reference(resource);
    const place = drafts.findIndex((one) => reference(one) === name);
    if (type === "create") touched.push(newDraft(resource));
    if (type === "create") drafts.push(touched.at(-1));
    else if (place >= 0) drafts.splice(place, 1, ...(type === "update" ? [resource] : []));
    if (type === "update" && place >= 0) touched.push(resource);
  }
  changed(touched);
  const row = at("drafts").children[drafts.indexOf(touched[0])];
  (row?.querySelector("input, button") ?? at("drug")).focus();
}

// The switch of the sandbox FHIR server, without leaving the chart

at("switch")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form));
  const headers = { Accept: "application/json" };
  const answer = await fetch(form.action, { method: "POST", headers, body }).catch(() => null);
  form.querySelector("output").textContent = answer?.ok ? "Changed." : "Could not be changed.";
});

// On a narrow screen the record stands folded before the orders, unless a part of it is missing

function fold({ matches }) {
  const record = document.querySelector(".record");
  record.open = !matches || record.querySelector(".trouble") !== null;
}

const narrow = matchMedia(NARROW);
narrow.addEventListener("change", fold);
fold(narrow);

drugFinder(at("drug"), at("products"), at("counted"), drugsAddress, order);
at("sign").addEventListener("click", sign);
drawDrafts();
view();
