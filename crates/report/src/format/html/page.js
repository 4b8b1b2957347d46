
// Chooses the images to show: the data, the filters, and a few cards at a time.

const PAGE = 48;
/// Cards made at once for "Show all", between which the browser can answer.
const SLICE = 200;
/// Cards that printing adds by itself.
const PRINTED = 1000;
const REPEATED = 1000;

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const images = Object.values(data.images).flat();
// Each thumbnail of an outcome belongs to the image with its index.
let thumbnails = null;

function source({ line, thumbnail }) {
  if (thumbnail === undefined) return null;
  thumbnails ??= JSON.parse(byId("thumbnails").textContent);
  const jpeg = thumbnails[line.outcome]?.[thumbnail];
  return jpeg ? `data:image/jpeg;base64,${jpeg}` : null;
}

const filter = { outcome: "", stage: "", code: "", text: "" };
let matching = images;
let made = 0;

/// The text that the search looks through, in lower case.
function haystack(entry) {
  const { line } = entry;
  entry.haystack ??= [
    entry.name, line.path, line.format, line.reason, line.origin?.file,
    line.remote?.request_id, line.remote?.api_code, line.remote?.api_message,
    ...line.findings.flatMap((it) => [it.code, it.name, it.message, it.help]),
  ].filter(Boolean).join("\n").toLowerCase();
  return entry.haystack;
}

function matches(entry) {
  const { line } = entry;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return (!filter.outcome || line.outcome === filter.outcome)
    && (!filter.stage || line.stage === filter.stage)
    && (!filter.code || line.findings.some((it) => it.code === filter.code))
    && words.every((word) => haystack(entry).includes(word));
}

/// Shows the images that match, from the first.
function show() {
  matching = images.filter(matches);
  made = 0;
  byId("cards").replaceChildren();
  byId("clear").disabled = !Object.values(filter).some(Boolean);
  byId("empty").hidden = matching.length > 0;
  byId("legend").hidden = !matching.some(({ line }) => line.remote?.face_bbox);
  more(PAGE);
}

/// Makes the next cards.
function more(count) {
  const next = matching.slice(made, made + count);
  byId("cards").append(...next.map((entry, index) => card(entry, source(entry), data.price, made + index)));
  made += next.length;
  byId("more").hidden = made === matching.length;
  tell();
}

function tell() {
  const of = matching.length === images.length
    ? `${thousands(images.length)} ${images.length === 1 ? "image" : "images"}`
    : `${thousands(matching.length)} of ${thousands(images.length)} images`;
  byId("count").textContent = of;
  byId("next").textContent = `Show ${thousands(Math.min(PAGE, matching.length - made))} more`;
  byId("all").textContent = `Show all ${thousands(matching.length)}`;
}

/// Makes all cards, a slice at a time, unless the filter changes meanwhile.
function all() {
  const wanted = matching;
  const slice = () => {
    if (matching !== wanted || made === matching.length) return;
    more(SLICE);
    setTimeout(slice);
  };
  slice();
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/// The outcomes of this report, as a group of radio buttons.
function makeOutcomes() {
  const counts = counted(images.map(({ line }) => line.outcome));
  const choice = (value, word, count) => {
    const input = element("input", { type: "radio", name: "outcome", value });
    input.defaultChecked = value === "";
    return element("label", { class: `chip ${value}` }, input, element("span", null, word, " ", element("b", null, thousands(count))));
  };
  byId("outcomes").append(choice("", "all", images.length),
    ...Object.entries(OUTCOMES).filter(([value]) => counts.has(value))
      .map(([value, word]) => choice(value, word, counts.get(value))));
}

function makeOptions(id, values, word) {
  const counts = [...counted(values)];
  byId(id).append(...counts.map(([value, count]) =>
    element("option", { value }, `${word(value)} (${thousands(count)})`)));
}

function makeFilters() {
  makeOutcomes();
  const stages = ["input", "header", "limits", "content", "remote"];
  const present = images.map(({ line }) => line.stage);
  makeOptions("stage", present.sort((a, b) => stages.indexOf(a) - stages.indexOf(b)), (it) => it);
  const names = new Map(images.flatMap(({ line }) => line.findings.map((it) => [it.code, it.name])));
  const codes = images.flatMap(({ line }) => [...new Set(line.findings.map((it) => it.code))]);
  makeOptions("code", codes.sort(), (it) => `${it} ${names.get(it)}`);
  byId("filters").hidden = images.length === 0;
}

function listen() {
  const form = byId("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    filter.outcome = form.elements.outcome.value;
    for (const id of ["stage", "code", "text"]) filter[id] = byId(id).value;
    show();
  });
  byId("clear").addEventListener("click", () => {
    form.reset();
    form.dispatchEvent(new Event("input"));
    byId("text").focus();
  });
  byId("next").addEventListener("click", () => {
    const first = made;
    more(PAGE);
    // The focus moves to the first new card.
    const next = byId(`image-${first}`);
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });
  byId("all").addEventListener("click", all);
  addEventListener("keydown", (event) => {
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("text").focus();
    }
  });
  addEventListener("beforeprint", () => {
    if (matching.length <= PRINTED) more(matching.length);
  });
  new IntersectionObserver((seen) => {
    if (seen.some((it) => it.isIntersecting) && made < matching.length) more(PAGE);
  }, { rootMargin: "1200px" }).observe(byId("more"));
}

/// A list of the inputs that repeat an image. They are not counted.
function makeRepeated() {
  const repeated = data.repeated.slice(0, -1);
  if (repeated.length === 0) return;
  const list = byId("repeated");
  list.hidden = false;
  const first = ({ same_as: it }) => typeof it === "number" ? `line ${thousands(it)}` : shown(it);
  list.firstElementChild.textContent = `${thousands(repeated.length)} ${repeated.length === 1 ? "input repeats" : "inputs repeat"} an earlier one`;
  list.lastElementChild.append(...repeated.slice(0, REPEATED).map(({ name, line }) =>
    element("li", null, `${name}${line.origin ? ` (line ${thousands(line.origin.line)})` : ""}: same as ${first(line)}`)));
  if (repeated.length > REPEATED) {
    list.append(element("p", null, `and ${thousands(repeated.length - REPEATED)} more, in the JSON Lines report`));
  }
}

makeFilters();
makeRepeated();
listen();
show();
