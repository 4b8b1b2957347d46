"""Opens pages in headless Chromium, holds what they show against the report in JSON Lines, and takes
screenshots. Standard library only; chromedriver speaks WebDriver (W3C) over HTTP.

    browser.py FOLDER

FOLDER holds NAME.html and NAME.jsonl. Screenshots are written beside them. Each fault is a line on
standard output; without any, the exit code is 0.
"""

import base64
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

DEADLINE = 120  # s, for the driver to start and for each of its answers
ORDER = ["reject", "unknown", "pass", "skip"]
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
]
# What a reader sees of each card.
CARDS = """
return [...document.querySelectorAll("#cards > li")].map((card) => ({
  outcome: card.dataset.outcome,
  name: card.querySelector("h2").textContent,
  stage: card.querySelector(".stage").textContent,
  facts: card.querySelector(".facts").textContent,
  findings: [...card.querySelectorAll(".finding")].map((it) => ({
    code: it.querySelector("code").textContent,
    message: it.querySelector(".message").textContent,
    help: it.querySelector(".help > :first-child")?.textContent ?? null,
  })),
  service: card.querySelector(".service")?.textContent ?? "",
  handoff: card.querySelector(".handoff pre")?.textContent ?? null,
  image: card.querySelector("svg image")?.getAttribute("href")?.slice(0, 23) ?? null,
  viewBox: card.querySelector("svg")?.getAttribute("viewBox") ?? null,
  note: card.querySelector("figcaption")?.textContent ?? "",
  inStored: Boolean(card.querySelector("[data-box=face]")?.closest("[transform]")),
  face: rect(card, "face"), moving: rect(card, "moving"),
}));
function rect(card, name) {
  const it = card.querySelector(`[data-box=${name}] rect`);
  return it && ["x", "y", "width", "height"].map((key) => Number(it.getAttribute(key)));
}
"""

faults = []


def expect(condition, words):
    if not condition:
        faults.append(words)


class Driver:
    """A browser of its own, with a profile of its own."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.process = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + DEADLINE
        while True:
            try:
                self.request("GET", "/status")
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        session = self.request("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"script": DEADLINE * 1000, "pageLoad": DEADLINE * 1000},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": [*FLAGS, f"--user-data-dir={folder}"]},
        }}})
        self.session = f"/session/{session['sessionId']}"

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:1000]}") from error

    def call(self, method, path, body=None):
        return self.request(method, self.session + path, body)

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def media(self, scheme, width, height, kind=""):
        self.devtools("Emulation.setEmulatedMedia", media=kind,
                      features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=False)

    def open(self, page):
        self.call("POST", "/url", {"url": page.absolute().as_uri()})

    def screenshot(self, to, **clip):
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=bool(clip),
                             **({"clip": {**clip, "scale": 1}} if clip else {}))
        to.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(DEADLINE)


def settle(driver):
    """Waits until two frames have been drawn."""
    driver.call("POST", "/execute/async", {"args": [], "script":
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"})


def show_all(driver, count):
    driver.run("all()")
    end = time.monotonic() + DEADLINE
    while driver.run("return made") < count and time.monotonic() < end:
        time.sleep(0.05)


def visible(text):
    """As the page spells what is not seen."""
    special = r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
    return re.sub(special, lambda it: "\\u{%x}" % ord(it.group()), text)


def box(corners):
    x1, y1, x2, y2 = corners
    return [min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)]


def fit(corners, size):
    x, y, width, height = box(corners)
    return x >= 0 and y >= 0 and x + width <= size[0] and y + height <= size[1]


def hold(driver, name, lines):
    """Holds the page against the report."""
    images = [line for line in lines if line["type"] == "image" and "same_as" not in line]
    images.sort(key=lambda line: ORDER.index(line["outcome"]))
    show_all(driver, len(images))
    cards = driver.run(CARDS)
    expect(len(cards) == len(images), f"{name}: {len(cards)} cards of {len(images)} images")
    for card, line in zip(cards, images):
        who = f"{name}: {card['name']}"
        expect(card["outcome"] == line["outcome"], f"{who}: outcome {card['outcome']}")
        expect(card["stage"].split()[-1] == line["stage"], f"{who}: stage {card['stage']}")
        for key in ["width", "height", "bytes"]:
            if key in line:
                expect(f"{line[key]:,}" in card["facts"], f"{who}: {key} is not in {card['facts']}")
        found = [(it["code"], it["message"]) for it in card["findings"]]
        due = [(f"{it['code']} {it['name']}", visible(it["message"])) for it in line["findings"]]
        expect(found == due, f"{who}: findings {found}, but {due}")
        helps = [it["help"] and it["help"].replace("`", "") for it in card["findings"]]
        due = [it.get("help") and visible(it["help"]).replace("`", "") for it in line["findings"]]
        expect(helps == due, f"{who}: help {helps}, but {due}")
        remote = line.get("remote", {})
        for key in ["api_code", "api_message", "request_id"]:
            if key in remote:
                expect(visible(remote[key]) in card["service"], f"{who}: {key} is not in {card['service']}")
        expect((card["handoff"] is None) == ("handoff" not in line), f"{who}: hand-off")
        if card["handoff"] is not None and "?" not in line["handoff"]["input"].get("image_url", ""):
            expect(json.loads(card["handoff"]) == line["handoff"]["input"], f"{who}: {card['handoff']}")
        if card["image"]:
            size = [line["width"], line["height"]]
            turned = line.get("orientation", 1) >= 5
            due = " ".join(map(str, ["0", "0", *(reversed(size) if turned else size)]))
            expect(card["viewBox"] == due, f"{who}: {card['viewBox']}, but {due}")
            for key, field in [("face", "face_bbox"), ("moving", "ext_bbox")]:
                due = box(remote[field]) if field in remote else None
                expect(card[key] == due, f"{who}: {field} drawn at {card[key]}, but {due}")
            if "ext_bbox" in remote:
                fits = all(fit(remote[it], size) for it in ["face_bbox", "ext_bbox"])
                swapped = turned and not fits and all(
                    fit(remote[it], size[::-1]) for it in ["face_bbox", "ext_bbox"])
                expect(card["inStored"] != swapped, f"{who}: drawn in another frame")
                if line.get("orientation", 1) > 1:
                    words = "fit only the turned image" if swapped else "in the px as stored"
                    expect(words in card["note"], f"{who}: {card['note']}")


def copies(driver, name, lines):
    """Each button copies what stands beside it, exactly."""
    driver.run("""
        window.copied = [];
        Object.defineProperty(navigator, "clipboard",
          { value: { writeText: async (text) => { window.copied.push(text); } }, configurable: true });
        for (const it of document.querySelectorAll("#cards .finding .copy, #cards .handoff .copy")) it.click()""")
    due = []
    for card in sorted(lines, key=lambda line: ORDER.index(line.get("outcome", "skip"))):
        if card["type"] == "image":
            due += [it["help"] for it in card["findings"] if "help" in it]
            due += [card["handoff"]["input"]] if "handoff" in card else []
    copied = driver.run("return window.copied")
    copied = [json.loads(text) if isinstance(it, dict) else text for text, it in zip(copied, due, strict=True)]
    expect(copied == due, f"{name}: copied {copied}, but {due}")


def filters(driver, name, lines):
    """Each filter shows what it says, and clearing it shows everything again."""
    images = [line for line in lines if line["type"] == "image" and "same_as" not in line]
    codes = sorted({it["code"] for line in images for it in line["findings"]})
    cases = [("stage", stage, lambda line, it: line["stage"] == it) for stage in {line["stage"] for line in images}]
    cases += [("code", code, lambda line, it: any(f["code"] == it for f in line["findings"])) for code in codes]
    cases += [("text", "px, needs", lambda line, it: any(it in f["message"] for f in line["findings"]))]
    for field, value, matches in cases:
        due = sum(matches(line, value) for line in images)
        shown = driver.run("""
            const [field, value] = arguments;
            byId("filters").reset();
            byId(field).value = value;
            byId("filters").dispatchEvent(new Event("input"));
            return [matching.length, byId("count").textContent]""", field, value)
        expect(shown[0] == due, f"{name}: {field} {value} shows {shown[0]} of {due}")
        if due < len(images):
            expect(shown[1] == f"{due:,} of {len(images):,} images", f"{name}: {shown[1]}")
    for outcome in {line["outcome"] for line in images}:
        shown = driver.run("""
            byId("filters").reset();
            document.querySelector(`input[value=${arguments[0]}]`).click();
            return [...document.querySelectorAll("#cards > li")].map((it) => it.dataset.outcome)""", outcome)
        expect(set(shown) == {outcome}, f"{name}: {outcome} shows {set(shown)}")
    driver.run("byId('clear').click()")
    expect(driver.run("return matching.length") == len(images), f"{name}: cleared, but not all are shown")


def contrast(driver, name, scheme):
    """Text has a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3)."""
    poor = driver.run("""
        const parse = (color) => color.match(/[\\d.]+/g).map(Number);
        const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const ground = (it) => {
          for (; it; it = it.parentElement) {
            const color = parse(getComputedStyle(it).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
          }
          return [255, 255, 255];
        };
        const found = new Set();
        for (const it of document.querySelectorAll("body *:not(script, svg *, noscript *)")) {
          const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
          if (!own || it.matches(":disabled, option, .unseen") || !it.getClientRects().length) continue;
          const [a, b] = [luminance(parse(getComputedStyle(it).color)), luminance(ground(it))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) found.add(`${it.tagName} ${it.className} ${ratio.toFixed(2)}`);
        }
        return [...found]""")
    expect(not poor, f"{name}: poor contrast in {scheme}: {poor}")


def accessible(driver, name):
    """What takes part in the page has a name, and nothing is wider than the window."""
    nameless = driver.devtools("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "searchbox", "combobox", "radio", "main", "search", "image", "article", "textbox"}
    nameless = [node["role"]["value"] for node in nameless
                if not node["ignored"] and node["role"]["value"] in roles
                and not node.get("name", {}).get("value")]
    expect(not nameless, f"{name}: without a name: {nameless}")
    wide = driver.run("return document.documentElement.scrollWidth - innerWidth")
    expect(wide <= 0, f"{name}: {wide} px wider than the window")


def photograph(driver, page, to):
    """The whole page, as it looks when it was just opened."""
    width = 1160
    driver.media("light", width, 900)
    driver.open(page)
    settle(driver)
    height = driver.run("return document.body.getBoundingClientRect().height")
    driver.screenshot(to, x=0, y=0, width=width, height=height - 40)


def stayed(driver, name, page):
    """Nothing was logged, nothing was asked of a network, and nothing of a stranger ran."""
    for entry in driver.log("browser"):
        expect(False, f"{name}: console: {entry['message']}")
    for entry in driver.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            own = url == page.absolute().as_uri() or url.startswith("data:image/jpeg;base64,")
            expect(own, f"{name}: asked for {url[:200]}")
    scripts = driver.run("return [document.scripts.length, document.images.length, window.ran ?? null]")
    expect(scripts == [3, 0, None], f"{name}: scripts, images, what ran: {scripts}")


def main(folder):
    with tempfile.TemporaryDirectory() as profile:
        driver = Driver(profile)
        try:
            for page in sorted(folder.glob("*.html")):
                name = page.stem
                lines = [json.loads(line) for line in page.with_suffix(".jsonl").read_text().splitlines()]
                driver.call("POST", "/url", {"url": "about:blank"})
                driver.log("performance")
                driver.media("light", 1280, 900)
                begun = time.monotonic()
                driver.open(page)
                took = time.monotonic() - begun
                busy = driver.run("return performance.getEntriesByType('navigation')[0].domComplete")
                print(f"{name}: open after {took:.2f} s, {busy:.0f} ms in the browser, "
                      f"{page.stat().st_size:,} bytes", file=sys.stderr)
                settle(driver)
                driver.screenshot(folder / f"{name}-light.png")
                hold(driver, name, lines)
                if len(lines) < 100:
                    copies(driver, name, lines)
                filters(driver, name, lines)
                for scheme, width in [("light", 1280), ("dark", 1280), ("light", 360)]:
                    driver.media(scheme, width, 900)
                    settle(driver)
                    contrast(driver, name, scheme)
                    accessible(driver, f"{name}, {scheme}, {width} px")
                    if width == 360 or scheme == "dark":
                        driver.run("scrollTo(0, 0)")
                        settle(driver)
                        driver.screenshot(folder / f"{name}-{'narrow' if width == 360 else scheme}.png")
                if name == "readme":
                    photograph(driver, page, folder / "readme-whole.png")
                stayed(driver, name, page)
        finally:
            driver.close()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
