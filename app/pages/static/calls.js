// One call over HTTP, and how it shows: what was sent, what came back, what went wrong.

import { element } from "./cards.js";

const WAIT_MS = 30_000; // for an answer of the service

export const placeOf = (path) => new URL(`/cds-services/${path}`, location.href).href;

/**
 * The *text* and *json* of the answer to *value*, or *error*: why there is none, in words. *issues*
 * are what an OperationOutcome in it tells.
 */
export async function post(address, value, signal = new AbortController().signal) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(value);
  try {
    const response = await fetch(address, { method: "POST", headers, body, signal: limit });
    const text = await response.text();
    const json = parsed(text);
    const issues = (json?.issue ?? []).map((one) => one.diagnostics).filter(Boolean);
    if (!response.ok) return { text, issues, error: `HTTP ${response.status}` };
    return json ? { text, json, issues } : { text, issues, error: "the answer is not JSON" };
  } catch (error) {
    const late = error.name === "TimeoutError";
    const said = late ? "no answer in 30 seconds" : "the service did not answer";
    return { text: "", issues: [], error: said };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** An error is shown as one: there may well be alerts. */
export function failed({ error, issues }, again) {
  const said = element("p", {}, element("strong", {}, `Not checked: ${error}. `));
  said.append("This does not mean that there are no alerts.");
  const button = element("button", { type: "button" }, "Ask again");
  button.addEventListener("click", again);
  const lines = issues.map((text) => element("li", {}, text));
  const list = lines.length ? [element("ul", {}, ...lines)] : [];
  return element("div", { className: "failed" }, said, ...list, button);
}

/** What the service says it could not judge: no card is not "all clear". */
export function gaps(unchecked) {
  const missing = unchecked.flatMap((one) => one.missing ?? []);
  const told = missing.map(({ what, why, detail }) => `${what}: ${detail ?? words(why)}`);
  const lines = [...new Set(told)].map((text) => element("li", {}, text));
  const title = element("summary", {}, "Not everything could be judged");
  return element("details", { className: "gaps" }, title, element("ul", {}, ...lines));
}

const words = (name) => String(name).toLowerCase().replaceAll("_", " ");

/** Request and answer as JSON, one click away; the request also as a command for curl. */
export function wire(address, request, answer) {
  const made = document.getElementById("told").content.cloneNode(true).firstElementChild;
  const sent = JSON.stringify(request, null, 2);
  const json = parsed(answer.text);
  const got = json ? JSON.stringify(json, null, 2) : answer.text || answer.error;
  made.querySelector(".sent").textContent = `POST ${address}\n\n${sent}`;
  made.querySelector(".got").textContent = got;
  onClick(made, "curl", curl(address, sent));
  onClick(made, "json", got);
  return made;
}

function curl(address, sent) {
  const quoted = sent.replaceAll("'", String.raw`'\''`);
  return `curl -sS '${address}' -H 'Content-Type: application/json' --data-raw '${quoted}'`;
}

function onClick(made, name, text) {
  const status = made.querySelector("[role=status]");
  made.querySelector(`[name=${name}]`).addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = "Copied.";
    } catch {
      status.textContent = "The browser does not allow copying; the text stands below.";
      made.querySelector(name === "curl" ? ".sent" : ".got").textContent = text;
    }
  });
}

/** A random UUID; `crypto.randomUUID` is missing where the page came over plain http. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
