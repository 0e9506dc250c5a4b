// Dose and frequency of a draft order. What is typed is in the order, or is said to be unreadable.

import { element } from "./cards.js";

const UCUM = "http://unitsofmeasure.org";
const CODED = ["mg", "g", "ug", "mL", "[iU]"]; // by UCUM; pieces are words
const NUMBER = /^\d+([.,]\d+)?$/;
const THOUSANDS = /^[1-9]\d{0,2}(,\d{3}|\.\d{2}0)$/; // or a fraction: nobody knows which
const UNREADABLE = "Write a number above 0 without a sign for thousands, such as 2.5 or 1000.";
const typed = new WeakMap(); // draft -> what its fields say, where that is more than the order says

/** A dosage instruction; *amount* and *often*, `frequency/period/unit`, may each be empty. */
export function dosage(amount, unit, often) {
  const coded = CODED.includes(unit) ? { system: UCUM, code: unit } : {};
  const [frequency, period, periodUnit] = often.split("/");
  const dose = amount && `${amount} ${unit}`.trim();
  const times = often && `${frequency} × a ${{ d: "day", wk: "week" }[periodUnit]}`;
  const repeat = { frequency: Number(frequency), period: Number(period), periodUnit };
  const doseQuantity = { value: Number(amount), ...(unit && { unit }), ...coded };
  return {
    text: [dose, times].filter(Boolean).join(", "),
    ...(often && { timing: { repeat } }),
    ...(amount && { doseAndRate: [{ doseQuantity }] }),
  };
}

/** The fields of *row* show the dose of *draft* and change it; then *edited* is called. */
export function doseFields(row, draft, edited) {
  const fields = ["amount", "unit", "often"].map((name) => row.querySelector(`[name=${name}]`));
  const said = typed.get(draft) ?? saidBy(draft.dosageInstruction?.[0]);
  fields.forEach((field, place) => fill(field, said[place]));
  const [amount] = fields;
  mark(row, draft, amount);
  for (const field of fields) {
    field.addEventListener("change", () => {
      amount.value = read(amount.value) ?? amount.value.trim();
      take(draft, ...fields.map(({ value }) => value));
      mark(row, draft, amount);
      edited();
    });
  }
}

/** The first field of *list* whose dose cannot be read; null if there is none. */
export const unreadable = (list) => list.querySelector("[aria-invalid=true]");

function saidBy({ doseAndRate, timing } = {}) {
  const { value = "", unit = "", code = unit } = doseAndRate?.[0]?.doseQuantity ?? {};
  const repeat = timing?.repeat;
  const often = repeat ? `${repeat.frequency ?? 1}/${repeat.period}/${repeat.periodUnit}` : "";
  return [value, code, often];
}

function fill(field, value) {
  if (field.options && ![...field.options].some((option) => option.value === value)) {
    field.append(element("option", { value }, value));
  }
  field.value = value;
}

/** *text* as JSON writes the number, empty if it is; null if it is no number above 0. */
function read(text) {
  const bare = text.trim();
  if (!bare) return "";
  const number = NUMBER.test(bare) && !THOUSANDS.test(bare) ? Number(bare.replace(",", ".")) : 0;
  return number > 0 ? String(number) : null;
}

function take(draft, amount, unit, often) {
  typed.set(draft, [amount, unit, often]);
  const dose = read(amount) ?? "";
  if (dose || often) draft.dosageInstruction = [dosage(dose, unit, often)];
  else delete draft.dosageInstruction;
}

/** Say beside *amount* that it cannot be read, for as long as it cannot. */
function mark(row, draft, amount) {
  const wrong = row.querySelector(".wrong");
  const isWrong = read(amount.value) === null;
  wrong.id = `${draft.id}-wrong`;
  wrong.textContent = isWrong ? UNREADABLE : "";
  amount.setAttribute("aria-invalid", String(isWrong));
  amount.setAttribute("aria-describedby", wrong.id);
}
