// The chart's flow: draft orders, calls of the three services over HTTP, feedback. An answer that
// comes late never replaces a newer one; an error is shown as one, never as "no alerts".

import { cardElement, element, wantsAnswer } from "./cards.js";
import { drugFinder } from "./drugs.js";

const WAIT_MS = 30_000; // for an answer of the service
const UCUM = "http://unitsofmeasure.org";
const WEIGHTS = ["mg", "g", "ug", "mL"];
const page = document.getElementById("main");
const { server, patient, drugs: drugsAddress } = page.dataset;
const at = (id) => document.getElementById(id);
const asked = {}; // section -> the number of its newest call, and how to abort it
const reasons = [...document.querySelectorAll("[data-concept]")].map((row) => ({
  name: row.querySelector("b").textContent,
  concept: JSON.parse(row.dataset.concept),
}));
let drafts = []; // FHIR resources, in the order of the list
let made = 0; // how many drafts there ever were
let selected = []; // what the newest order-select was about
let signing = null; // what the last order-sign answered: { orders, waiting }

// Drafts

const reference = (order) => `${order.resourceType}/${order.id}`;
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

function dosage(amount, unit, often) {
  const coded = WEIGHTS.includes(unit) ? { system: UCUM, code: unit } : {};
  const [frequency, period, periodUnit] = often.split("/");
  const repeat = { frequency: Number(frequency), period: Number(period), periodUnit };
  const words = { d: "day", wk: "week" }[periodUnit];
  return {
    text: [`${amount} ${unit}`, often && `${frequency} × a ${words}`].filter(Boolean).join(", "),
    ...(often && { timing: { repeat } }),
    doseAndRate: [{ doseQuantity: { value: Number(amount), unit, ...coded } }],
  };
}

/** Show the drafts as they are now, and have those of *touched* that are still there checked. */
function changed(touched) {
  drawDrafts();
  unsign();
  const there = touched.filter((one) => drafts.includes(one) && one.resourceType === "MedicationRequest");
  if (there.length) select(there);
  else if (!selected.every((one) => drafts.some((draft) => reference(draft) === one))) forget("order-select");
}

/** What was said on signing is about other orders than there are now. */
function unsign() {
  signing = null;
  at("signed").textContent = "";
  forget("order-sign");
}

function drawDrafts() {
  at("drafts").replaceChildren(...drafts.map(draftRow));
  at("no-drafts").hidden = drafts.length > 0;
  at("sign").disabled = drafts.length === 0;
}

function draftRow(draft) {
  const row = at("draft").content.cloneNode(true).firstElementChild;
  row.querySelector("h3").textContent = nameOf(draft);
  row.querySelector("[name=remove]").setAttribute("aria-label", `Remove ${nameOf(draft)}`);
  row.querySelector("[name=remove]").addEventListener("click", () => {
    drafts = drafts.filter((one) => one !== draft);
    changed([]);
    at("drug").focus();
  });
  if (draft.resourceType === "MedicationRequest") fillDose(row, draft);
  else row.querySelector(".dose").remove();
  return row;
}

function fillDose(row, draft) {
  const [amount, unit, often, reason] = ["amount", "unit", "often", "reason"].map((name) => row.querySelector(`[name=${name}]`));
  const quantity = draft.dosageInstruction?.[0]?.doseAndRate?.[0]?.doseQuantity ?? {};
  const repeat = draft.dosageInstruction?.[0]?.timing?.repeat;
  amount.value = quantity.value ?? "";
  choose(unit, quantity.code ?? quantity.unit ?? "mg");
  choose(often, repeat ? `${repeat.frequency ?? 1}/${repeat.period}/${repeat.periodUnit}` : "");
  reasons.forEach((one, place) => reason.append(element("option", { value: String(place) }, one.name)));
  const place = reasons.findIndex((one) => JSON.stringify([one.concept]) === JSON.stringify(draft.reasonCode));
  if (place < 0 && draft.reasonCode) reason.append(element("option", { value: "as-is" }, "as in the order"));
  reason.value = place < 0 ? (draft.reasonCode ? "as-is" : "") : String(place);
  for (const field of [amount, unit, often]) {
    field.addEventListener("change", () => {
      amount.setAttribute("aria-invalid", String(Boolean(amount.value) && !(Number(amount.value) > 0)));
      if (Number(amount.value) > 0) draft.dosageInstruction = [dosage(amount.value, unit.value, often.value)];
      else delete draft.dosageInstruction;
      edited(draft);
    });
  }
  reason.addEventListener("change", () => {
    if (!reason.value) delete draft.reasonCode;
    else if (reasons[reason.value]) draft.reasonCode = [reasons[reason.value].concept];
    edited(draft);
  });
}

function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) {
    select.append(element("option", { value }, value));
  }
  select.value = value;
}

function edited(draft) {
  unsign();
  select([draft]);
}

// Calls

const bundle = () => ({ resourceType: "Bundle", type: "collection", entry: drafts.map((resource) => ({ resource })) });
const context = (more) => ({ userId: "Practitioner/sandbox", patientId: patient, ...more });
const view = () => call("patient-view", context());

function select(orders) {
  selected = orders.map(reference);
  return call("order-select", context({ selections: selected, draftOrders: bundle() }));
}

/** Sign what was checked as it is now and needs no answer any more; have it checked otherwise. */
async function sign() {
  const orders = JSON.stringify(drafts);
  if (signing?.orders !== orders) {
    unsign();
    forget("order-select"); // the same orders are asked about again, all of them
    const answer = await call("order-sign", context({ draftOrders: bundle() }));
    if (!answer || orders !== JSON.stringify(drafts)) return;
    if (answer.error) return void (at("signed").textContent = "Not signed: the orders were not checked.");
    signing = { orders, waiting: new Set(answer.json.cards.filter(wantsAnswer).map((card) => card.uuid)) };
  }
  if (signing.waiting.size) at("signed").textContent = "Not signed yet: accept or override each alert, then sign again.";
  else signed();
}

function signed() {
  const count = drafts.length;
  drafts = [];
  signing = null;
  drawDrafts();
  at("signed").textContent = `Signed: ${count === 1 ? "1 order" : `${count} orders`}. Nothing is kept: this is a sandbox.`;
}

function forget(hook) {
  asked[hook]?.abort.abort();
  asked[hook] = { number: (asked[hook]?.number ?? 0) + 1, abort: new AbortController() };
  at(hook).hidden = true;
  at(hook).querySelector(".answer").replaceChildren();
}

/** The answer of one call, once it shows; null if a newer call was made meanwhile. */
async function call(hook, about) {
  forget(hook);
  const { number, abort } = asked[hook];
  const section = at(hook);
  const body = section.querySelector(".answer");
  const request = { hook, hookInstance: uuid(), fhirServer: server, context: about };
  const address = placeOf(section.dataset.service);
  section.hidden = false;
  body.replaceChildren(element("p", { className: "state" }, "Checking …"));
  const started = performance.now();
  const answer = await post(address, request, abort.signal);
  if (!answer.error && !Array.isArray(answer.json.cards)) answer.error = "the answer holds no list of cards";
  if (number !== asked[hook].number) return null;
  const took = `${Math.round(performance.now() - started)} ms`;
  const again = () => (hook === "order-sign" ? sign() : call(hook, about));
  const shown = answer.error ? failed(answer, again) : answered(answer.json, section, took);
  body.replaceChildren(...shown, wire(address, request, answer));
  say(section, answer);
  return answer;
}

/** The text and JSON of an answer; *error* says in words why it is none, *issues* what was told. */
async function post(address, value, signal) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
  try {
    const response = await fetch(address, { ...request, signal: AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]) });
    const text = await response.text();
    const json = parsed(text);
    const issues = (json?.issue ?? []).map((one) => one.diagnostics).filter(Boolean);
    if (!response.ok) return { text, issues, error: `HTTP ${response.status}` };
    return json ? { text, json, issues } : { text, issues, error: "the answer is not JSON" };
  } catch (error) {
    const late = error.name === "TimeoutError";
    return { text: "", issues: [], error: late ? "no answer in 30 seconds" : "the service did not answer" };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const placeOf = (path) => new URL(`/cds-services/${path}`, location.href).href;

// What an answer looks like

function failed(answer, again) {
  const button = element("button", { type: "button" }, "Ask again");
  button.addEventListener("click", again);
  const lines = answer.issues.map((text) => element("li", {}, text));
  const box = element("div", { className: "failed" }, element("p", {}, element("strong", {}, `Not checked: ${answer.error}. `), "This does not mean that there are no alerts."));
  if (lines.length) box.append(element("ul", {}, ...lines));
  box.append(button);
  return [box];
}

function answered(json, section, took) {
  const unchecked = json.extension?.["org.rxhooks.unchecked"] ?? [];
  const repeated = json.extension?.["org.rxhooks.repeated"] ?? [];
  const cards = json.cards.map((card) => cardElement(card, doings(card, section)));
  const parts = [element("p", { className: "state" }, `${counted(json.cards.length)} · ${took}`), ...cards];
  if (repeated.length) parts.push(element("p", { className: "state" }, `Not shown again: ${repeated.length}.`));
  if (unchecked.length) parts.push(gaps(unchecked));
  return parts;
}

const counted = (count) => (count ? `${count} ${count === 1 ? "alert" : "alerts"}` : "No alerts");

/** What the service says it could not judge: no card is not "all clear". */
function gaps(unchecked) {
  const told = unchecked.flatMap((one) => (one.missing ?? []).map((gap) => `${gap.what}: ${gap.detail ?? gap.why.toLowerCase().replaceAll("_", " ")}`));
  const lines = [...new Set(told)].map((text) => element("li", {}, text));
  return element("details", { className: "gaps" }, element("summary", {}, "Not everything could be judged"), element("ul", {}, ...lines));
}

function say(section, answer) {
  const place = section.querySelector("h2").textContent;
  const cards = answer.json?.cards ?? [];
  const said = answer.error ? `not checked, ${answer.error}` : [counted(cards.length), ...cards.map((card) => `${card.indicator}: ${card.summary}`)].join(". ");
  at("said").textContent = `${place}: ${said}`;
}

function wire(address, request, answer) {
  const made = at("answer-told").content.cloneNode(true).firstElementChild;
  const sent = JSON.stringify(request, null, 2);
  const got = parsed(answer.text) ? JSON.stringify(JSON.parse(answer.text), null, 2) : answer.text || answer.error;
  const quoted = sent.replaceAll("'", String.raw`'\''`);
  const curl = `curl -sS '${address}' -H 'Content-Type: application/json' --data-raw '${quoted}'`;
  made.querySelector(".sent").textContent = `POST ${address}\n\n${sent}`;
  made.querySelector(".got").textContent = got;
  made.querySelector("[name=curl]").addEventListener("click", () => copy(curl, made));
  made.querySelector("[name=json]").addEventListener("click", () => copy(got, made));
  return made;
}

async function copy(text, made) {
  const status = made.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = "Copied.";
  } catch {
    status.textContent = "The browser does not allow copying here; the text is below.";
    made.querySelector(".sent").textContent = text;
  }
}

// What a prescriber does with a card

function doings(card, section) {
  const send = (outcome) => feedback(section.dataset.service, { card: card.uuid, outcomeTimestamp: new Date().toISOString(), ...outcome });
  return {
    accept(suggestion) {
      apply(suggestion.actions ?? []);
      return send({ outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
    },
    override: ({ code, system }) => send({ outcome: "overridden", overrideReason: { reason: { code, system } } }),
    answered: () => signing?.waiting.delete(card.uuid),
    note: (words) => at("done").prepend(element("li", {}, words)),
  };
}

async function feedback(service, entry) {
  const answer = await post(placeOf(`${service}/feedback`), { feedback: [entry] }, new AbortController().signal);
  return answer.error ? `The feedback was not kept: ${[answer.error, ...answer.issues].join(", ")}.` : "Feedback sent.";
}

/** Apply a suggestion's actions to the drafts, and have what they leave checked anew. */
function apply(actions) {
  const touched = [];
  for (const { type, resource, resourceId } of actions) {
    const place = drafts.findIndex((one) => reference(one) === (resourceId ?? reference(resource)));
    if (type === "create") touched.push(newDraft(resource));
    if (type === "create") drafts.push(touched.at(-1));
    else if (place >= 0) drafts.splice(place, 1, ...(type === "update" ? [resource] : []));
    if (type === "update" && place >= 0) touched.push(resource);
  }
  changed(touched);
  const row = at("drafts").children[drafts.indexOf(touched[0])];
  row?.querySelector("input, button").focus();
}

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is only there on https
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// The switch of the sandbox FHIR server, without leaving the chart

at("switch")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => null);
  const does = form.querySelector("option:checked").textContent;
  at("said").textContent = answer?.ok ? `The FHIR server now ${does}.` : "The FHIR server's behaviour could not be changed.";
  form.dataset.state = answer?.ok ? "changed" : "failed";
  form.querySelector("output").textContent = answer?.ok ? "changed" : "not changed";
});

drugFinder(at("drug"), at("products"), at("counted"), drugsAddress, order);
at("sign").addEventListener("click", sign);
drawDrafts();
view();
