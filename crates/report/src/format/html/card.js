"use strict";

// How one image is shown. Every text goes into the page as text: no markup is ever parsed.

const SVG = "http://www.w3.org/2000/svg";

const OUTCOMES = { reject: "rejected", unknown: "unknown", pass: "passed", skip: "skipped" };

const HANDOFFS = {
  "ready": ["ready", "The video call can take this as it is."],
  "upload-again": ["upload first", "Upload the image for emo-v1, and put that address into image_url."],
  "made-up": ["made up", "The stand-in made the boxes up: its own video call takes them, and no other must."],
};

// An EXIF orientation as a matrix that turns stored px upright, for an image of w x h px as stored
// (Exif 2.32, tag 0x0112).
const UPRIGHT = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (w) => [-1, 0, 0, 1, w, 0],
  3: (w, h) => [-1, 0, 0, -1, w, h],
  4: (w, h) => [1, 0, 0, -1, 0, h],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (w, h) => [0, 1, -1, 0, h, 0],
  7: (w, h) => [0, -1, -1, 0, h, w],
  8: (w) => [0, -1, 1, 0, 0, w],
};

/// An HTML element. Children are elements, texts, or nothing.
function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) made.setAttribute(key, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Characters that reorder the text around them, or are invisible.
const SPECIAL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/// Untrusted text, with these characters escaped.
function shown(text) {
  return text.replace(SPECIAL, (it) => `\\u{${it.codePointAt(0).toString(16)}}`);
}

/// The same for JSON, which stays the same value.
function shownJson(text) {
  return text.replace(SPECIAL, (it) => `\\u${it.codePointAt(0).toString(16).padStart(4, "0")}`);
}

/// Text in which backticks mark code.
function prose(text) {
  return shown(text).split("`").map((part, index) => index % 2 ? element("code", null, part) : part);
}

function thousands(number) {
  return number.toLocaleString("en-US");
}

/// A button that copies a text.
function copyButton(text, what) {
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    const done = await copy(text);
    button.textContent = done ? "Copied" : "Not copied";
    document.getElementById("said").textContent = done ? `Copied ${what}` : "The browser refused to copy";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages from disk have no clipboard in some browsers.
    const field = element("textarea", { class: "unseen", readonly: "" });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/// A box of four numbers, corners in any order.
function rectangle(box) {
  const [x1, y1, x2, y2] = box.map(Number);
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

function outline(box, name) {
  const drawn = (layer) => svg("rect", { ...rectangle(box), class: `${name} ${layer}` });
  return svg("g", { "data-box": name }, drawn("under"), drawn("over"));
}

/// Darkens the area outside the moving one.
function veil(box, width, height) {
  const { x, y, width: w, height: h } = rectangle(box);
  return svg("path", {
    class: "veil",
    d: `M0 0H${width}V${height}H0ZM${x} ${y}h${w}v${h}h${-w}Z`,
  });
}

/// Whether the boxes fit only the image as it is turned by its orientation.
function fitsOnlyTurned(boxes, width, height) {
  const within = (w, h) => boxes.every(({ x, y, width, height }) =>
    x >= 0 && y >= 0 && x + width <= w && y + height <= h);
  return !within(width, height) && within(height, width);
}

/// The image upright, with the boxes in its own px.
function picture(entry, source) {
  const { line, name } = entry;
  const { width, height, remote } = line;
  if (!source) return frame(line);
  const turn = UPRIGHT[line.orientation] ?? UPRIGHT[1];
  const swaps = line.orientation >= 5;
  const [across, down] = swaps ? [height, width] : [width, height];
  const image = svg("image", { href: source, width, height, preserveAspectRatio: "none" });
  const upright = svg("g", { transform: `matrix(${turn(width, height).join(" ")})` }, image);
  const label = `${name}, ${across} by ${down} px${remote?.face_bbox ? ", with face and moving area" : ""}`;
  const drawing = svg("svg", {
    viewBox: `0 0 ${across} ${down}`, role: "img", "aria-label": label,
  }, upright);
  let note = null;
  if (remote?.face_bbox && remote.ext_bbox) {
    const boxes = [remote.face_bbox, remote.ext_bbox];
    const isTurned = swaps && fitsOnlyTurned(boxes.map(rectangle), width, height);
    const place = isTurned ? drawing : upright;
    const [w, h] = isTurned ? [across, down] : [width, height];
    place.append(veil(remote.ext_bbox, w, h), outline(remote.ext_bbox, "moving"), outline(remote.face_bbox, "face"));
    note = line.orientation > 1 ? frameNote(line, isTurned) : null;
  } else if (line.orientation > 1) {
    note = `Shown upright (EXIF orientation ${line.orientation}).`;
  }
  return element("figure", { class: "picture" }, drawing, note && element("figcaption", null, note));
}

/// Says in which px the boxes are drawn.
function frameNote({ orientation, width, height }, isTurned) {
  const upright = `Shown upright (EXIF orientation ${orientation}).`;
  return isTurned
    ? `${upright} The boxes fit only the turned image of ${height} × ${width} px, and are drawn in it.`
    : `${upright} The boxes are drawn in the px as stored, ${width} × ${height}; the service does not say which it means.`;
}

/// A frame of the image's size, in place of the image.
function frame({ width, height, orientation }) {
  const box = element("div", { class: "frame" }, "no preview");
  if (width && height) {
    const [across, down] = orientation >= 5 ? [height, width] : [width, height];
    // A panorama's frame must hold its words.
    box.style.aspectRatio = Math.min(Math.max(across / down, 0.5), 3);
  }
  return element("figure", { class: "picture" }, box);
}

function facts(line) {
  const size = line.width && line.height ? `${thousands(line.width)} × ${thousands(line.height)} px` : null;
  const bytes = line.bytes === undefined ? null : `${thousands(line.bytes)} bytes`;
  const listed = line.origin && `${shown(line.origin.file)}, line ${thousands(line.origin.line)}`;
  const format = line.format && { webp: "WebP", jxl: "JPEG XL" }[line.format] || line.format?.toUpperCase();
  return [format, size, bytes, listed].filter(Boolean).join(" · ");
}

function finding(it, isCommand) {
  return element("li", { class: `finding ${it.severity}` },
    element("p", { class: "message" }, shown(it.message)),
    element("p", { class: "code" },
      it.severity === "error" ? null : `${it.severity} · `,
      element("code", null, `${it.code} ${it.name}`)),
    it.help && element("div", { class: "help" },
      isCommand ? element("code", { class: "command" }, shown(it.help)) : element("p", null, prose(it.help)),
      copyButton(it.help, "what to do")));
}

function cost({ charge, cached, attempts, service }, price) {
  const would = service === "standin";
  if (cached) return "known before, nothing asked";
  if (charge === "yes") return would ? `would be charged ${price}` : `charged ${price}`;
  if (charge === "unknown") return `${would ? "would perhaps be" : "perhaps"} charged ${price}`;
  return attempts > 0 ? "not charged" : "not asked";
}

/// The message of the service, the id of the request, and the cost.
function service(remote, price) {
  if (!remote) return null;
  const rows = [];
  const row = (term, ...words) => rows.push(element("div", null, element("dt", null, term), element("dd", null, ...words)));
  if (remote.api_message || remote.api_code) {
    const words = remote.api_message && element("q", null, shown(remote.api_message));
    row("service", words || null, remote.api_code ? ` ${shown(remote.api_code)}` : null);
  }
  if (remote.humanoid !== undefined) row("humanoid", remote.humanoid ? "yes" : "no");
  if (remote.request_id) row("request", element("code", { class: "whole" }, shown(remote.request_id)));
  row("cost", cost(remote, price));
  return element("dl", { class: "service" }, rows);
}

/// The input of the video call, to copy.
function handOff({ line, video_input: input, is_cut: isCut }) {
  const { handoff } = line;
  if (!handoff || !input) return null;
  const json = shownJson(input);
  const [word, advice] = HANDOFFS[handoff.kind] ?? [handoff.kind, ""];
  const headers = Object.entries(handoff.headers ?? {}).map(([key, value]) => shown(`${key}: ${value}`));
  const notes = [
    advice,
    isCut && "The address is signed, and this page leaves its signature out: take image_url from the JSON Lines report.",
    ...headers.map((header) => `Send it with the header \`${header}\`.`),
    handoff.expires && `The address ends at ${handoff.expires}.`,
    handoff.bound_to && `Only ${shown(handoff.bound_to)} can read the address.`,
  ].filter(Boolean);
  return element("details", { class: "handoff" },
    element("summary", null, "Video call: ", word),
    notes.map((note) => element("p", null, prose(note))),
    element("div", { class: "help" },
      element("pre", null, element("code", null, json)), copyButton(json, "the input of the video call")));
}

/// The card of an image. `source` is its thumbnail, if there is one.
function card(entry, source, price, number) {
  const { line, name, commands = [] } = entry;
  const heading = `image-${number}`;
  const findings = line.findings.map((it, index) => finding(it, commands.includes(index)));
  return element("li", { class: "card", "data-outcome": line.outcome },
    element("article", { "aria-labelledby": heading },
      picture(entry, source),
      element("div", { class: "words" },
        element("p", { class: `outcome ${line.outcome}` }, OUTCOMES[line.outcome],
          element("span", { class: "stage" }, line.outcome === "pass" ? ` after ${line.stage}` : ` at ${line.stage}`)),
        element("h2", { id: heading }, name),
        element("p", { class: "facts" }, facts(line)),
        line.reason && element("p", { class: "message" }, shown(line.reason)),
        findings.length > 0 ? element("ul", { class: "findings" }, findings) : null,
        service(line.remote, price),
        handOff(entry))));
}
