// A chart on the page: its panels, what is switched on, stepping through runs, reading values, links.

const DATA = JSON.parse(document.getElementById("data").textContent);
// Sections that stand within another page (the review app).
const PART = document.body.classList.contains("part");
const live = document.getElementById("live"), tip = document.getElementById("tip");
const charts = new Map();
let active = null;

// A day as a decimal year, the horizontal axis of charts over time.
function decimalYear(day) {
  const year = Number(day.slice(0, 4)), start = Date.UTC(year, 0, 1);
  return year + (Date.parse(`${day}T00:00:00Z`) - start) / (Date.UTC(year + 1, 0, 1) - start);
}

class Chart {
  constructor(figure, spec) {
    Object.assign(this, { figure, spec, id: figure.id, off: new Set(spec.off || []), step: null, futures: false, drawn: false });
    this.steps = (spec.steps && DATA.steps[spec.steps]) || [];
    this.drawsOf = (spec.steps && DATA.futures[spec.steps]) || null;
    this.panels = figure.querySelector(".panels");
    this.tools = figure.querySelector(".tools");
    figure.addEventListener("pointerenter", () => { active = this; });
    figure.addEventListener("focusin", () => { active = this; });
    const table = figure.querySelector("details.data");
    if (table) table.addEventListener("toggle", () => table.open && fillTable(this, table));
  }

  // Marks of a panel as they are to be drawn now.
  marksOf(panel) {
    const then = this.step === null ? null : this.steps[this.step], found = [];
    const shown = panel.marks.filter((mark) => !this.off.has(mark.key));
    for (const mark of shown) {
      if (then && mark.key === "fan") {
        const before = then[panel.kind];
        if (before) found.push({ ...mark, ...before, key: "then", name: `then, ${then.as_of}`, colour: "orange", labelled: false });
        found.push({ ...mark, name: "now", outline: true });
      } else if (then && mark.day) {
        found.push({ ...mark, faint: mark.day.map((day, i) => day > then.as_of || (mark.faint && mark.faint[i])) });
      } else found.push(mark);
    }
    const fan = panel.marks.find((mark) => mark.key === "fan");
    if (then && fan) found.push({ type: "rule", key: "then", name: "then", colour: "orange", at: decimalYear(then.as_of) });
    if (this.futures && this.drawsOf && fan) {
      (this.drawsOf[panel.kind] || []).forEach((path, i) => {
        found.splice(-1, 0, {
          type: "line", key: "future", name: `future ${i + 1}`, x: fan.x, y: path, periods: fan.periods,
          colour: "ink", weight: 0.7, opacity: 0.45, silent: true,
        });
      });
    }
    return found;
  }

  draw() {
    const room = this.panels.clientWidth || 800;
    const wanted = room < 560 ? 1 : this.spec.columns || this.spec.panels.length;
    const columns = Math.max(1, Math.min(wanted, Math.floor(room / (this.spec.least || 300)) || 1));
    const gap = 18, width = Math.floor((room - gap * (columns - 1)) / columns);
    this.panels.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const focused = [...this.panels.children].indexOf(document.activeElement);
    this.panels.replaceChildren(...this.spec.panels.map((panel) => this.drawOne(panel, panel.wide ? room : width)));
    if (focused >= 0) this.panels.children[focused].focus({ preventScroll: true });
    this.drawn = true;
    this.drawTools();
  }

  // The axis holds the earlier fan too: of one that is cut nobody sees how far it went.
  stretched(panel) {
    const then = this.step === null ? null : this.steps[this.step][panel.kind];
    if (!then || !panel.marks.some((mark) => mark.key === "fan")) return panel;
    const ends = [...then.p05, ...then.p95].filter((v) => there(v) && (panel.y.type !== "log" || v > 0));
    return { ...panel, y: { ...panel.y, min: Math.min(panel.y.min, ...ends), max: Math.max(panel.y.max, ...ends) } };
  }

  drawOne(panel, width) {
    const { svg, spots, space } = drawPanel({ ...this.stretched(panel), alt: `${this.spec.title}${panel.title ? `, ${panel.title}` : ""}` }, this.marksOf(panel), width);
    const steps = this.steps.length > 1 ? "; left and right step through runs" : "";
    const holder = element("div", {
      class: panel.wide ? "panel wide" : "panel", tabindex: "0", role: "group",
      "aria-label": `${panel.title || this.spec.title}: up and down read the values${steps}; enter opens a figure`,
    }, svg);
    const reader = { chart: this, holder, svg, spots, space, at: -1 };
    holder.addEventListener("pointermove", (event) => read(reader, nearest(reader, event), event));
    holder.addEventListener("pointerleave", () => unread(reader));
    holder.addEventListener("blur", () => unread(reader));
    holder.addEventListener("click", (event) => {
      const at = nearest(reader, event);
      read(reader, at, event);
      if (at >= 0 && spots[at].figure) openFigure(spots[at].figure);
    });
    holder.addEventListener("keydown", (event) => this.key(event, reader));
    return holder;
  }

  key(event, reader) {
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key], along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (sideways && this.steps.length > 1) { this.move(sideways); event.preventDefault(); event.stopPropagation(); return; }
    const by = along || sideways;
    if (by && reader.spots.length) {
      read(reader, Math.max(0, Math.min(reader.spots.length - 1, reader.at + by)), null);
      event.preventDefault();
    } else if (event.key === "Enter" && reader.at >= 0 && reader.spots[reader.at].figure) {
      openFigure(reader.spots[reader.at].figure);
      event.preventDefault();
    } else if (event.key === "Escape") unread(reader);
  }

  // Steps are ordered by day, the newest last; null is the run of this page.
  move(by) {
    const last = this.steps.length - 1, now = this.step === null ? last : this.step;
    const to = Math.max(0, Math.min(last, now + by));
    this.goTo(to === last ? null : to);
  }

  goTo(step) {
    this.step = step;
    this.draw();
    remember(this);
    const then = step === null ? null : this.steps[step];
    live.textContent = then ? `${then.label}, as of ${then.as_of}, against now` : "now";
  }

  drawTools() {
    if (!this.tools) return;
    const parts = [], spec = this.spec;
    if (spec.legend && spec.legend.length) {
      parts.push(element("div", { class: "legend", role: "group", "aria-label": "Show or hide" }, ...spec.legend.map((entry) => {
        const swatch = element("span", { class: `swatch ${entry.shape || "box"}`, "aria-hidden": "true" });
        swatch.style.setProperty("--of", colour(entry.colour));
        if (entry.fixed) return element("span", { class: "entry" }, swatch, entry.label);
        return element("button", {
          type: "button", "aria-pressed": String(!this.off.has(entry.key)), "data-key": entry.key,
          onclick: () => this.toggle(entry.key),
        }, swatch, entry.label);
      })));
    }
    if (this.steps.length > 1) {
      const then = this.step === null ? null : this.steps[this.step];
      const first = this.step === 0, says = then ? `${then.label}, as of ${then.as_of}` : "now";
      const button = (label, title, off, act) => element("button", { type: "button", title, "aria-label": title, ...(off ? { disabled: "" } : {}), onclick: act }, label);
      parts.push(element("div", { class: "steps", role: "group", "aria-label": "Step through runs and vintages",
        title: "then: filled; now: dashed; faint: published later; stars: what came" },
        button("◀", "earlier run", first, () => this.move(-1)), element("output", {}, says),
        button("▶", "later run", !then, () => this.move(1)), ...(then ? [button("now", "back to this run", false, () => this.goTo(null))] : [])));
    }
    const actions = [];
    if (this.drawsOf) {
      actions.push(element("button", { type: "button", "aria-pressed": String(this.futures), "data-act": "futures", onclick: () => { this.futures = !this.futures; this.draw(); remember(this); } }, "single futures"));
    }
    actions.push(
      element("button", { type: "button", "data-act": "csv", onclick: () => downloadCsv(this) }, "CSV"),
      element("button", { type: "button", "data-act": "png", onclick: () => downloadPng(this) }, "PNG"));
    // Within another page a chart has no address of its own.
    if (!PART) actions.push(element("a", { href: hashOf(this), class: "link", "data-act": "link", "aria-label": `Link to ${spec.title}`, onclick: () => copyLink(this) }, "link"));
    if (this.step !== null) parts.push(element("span", { class: "foot" }, "filled: then; dashed: now; faint: published later; star: what came"));
    parts.push(element("div", { class: "actions" }, ...actions));
    const mark = (n) => n && (n.dataset.key || n.dataset.act || n.title || "");
    const inside = this.tools.contains(document.activeElement) ? mark(document.activeElement) : "";
    this.tools.replaceChildren(...parts);
    if (inside) {
      const again = [...this.tools.querySelectorAll("button, a")].find((n) => mark(n) === inside);
      if (again && !again.disabled) again.focus();
      else if (this.panels.firstChild) this.panels.firstChild.focus({ preventScroll: true });
    }
    const table = this.figure.querySelector("details.data");
    if (table && table.open) fillTable(this, table);
  }

  toggle(key) {
    if (!this.off.delete(key)) this.off.add(key);
    this.draw();
    remember(this);
  }
}

// The spot under the pointer: a point close by, else the column or row it is in; -1 for none.
function nearest(reader, event) {
  const box = reader.svg.getBoundingClientRect(), scale = reader.space.width / (box.width || 1);
  const px = (event.clientX - box.left) * scale, py = (event.clientY - box.top) * scale;
  let best = -1, least = 14;
  reader.spots.forEach((spot, i) => {
    const far = spot.point ? Math.hypot(spot.px - px, spot.py - py) : Infinity;
    if (far < least) [best, least] = [i, far];
  });
  if (best >= 0) return best;
  least = reader.space.rows ? reader.space.rowHeight : 45;
  reader.spots.forEach((spot, i) => {
    const far = spot.point ? Infinity : Math.abs(reader.space.rows ? spot.py - py : spot.px - px);
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

function linesOf(spot) {
  const figure = spot.figure && DATA.figures[spot.figure];
  if (!figure) return [...(spot.name ? [spot.name] : []), ...spot.lines];
  const pit = there(figure.pit) ? `, PIT ${number(figure.pit, 2)}` : "";
  return [`${figure.publisher}, ${figure.published}`, `${figure.printed} (${figure.kind}, ${figure.period})${pit}`, "click or enter: source and reading"];
}

function read(reader, at, event) {
  reader.at = at;
  reader.svg.querySelectorAll(".reading").forEach((old) => old.remove());
  if (at < 0) { tip.hidden = true; return; }
  const spot = reader.spots[at], { margin, width, height, rowHeight, letters } = reader.space;
  const ring = { class: "reading", fill: "none", stroke: "var(--ink)", "stroke-width": 1.4 };
  if (spot.point) reader.svg.append(node("circle", { ...ring, cx: spot.px, cy: spot.py, r: 7 }));
  else if (spot.rows) reader.svg.append(node("rect", { ...ring, x: 1, width: width - 2, y: spot.py - (letters + rowHeight) / 2, height: rowHeight, "stroke-width": 0.8, "stroke-opacity": 0.5 }));
  else reader.svg.append(node("line", { ...ring, x1: spot.px, x2: spot.px, y1: margin.top, y2: height - margin.bottom, "stroke-width": 0.9 }));
  const lines = [...linesOf(spot), `run ${DATA.meta.run_id}`];
  tip.replaceChildren(...lines.map((line, i) => element("div", { class: i ? (i === lines.length - 1 ? "run" : "") : "first" }, line)));
  tip.hidden = false;
  const box = reader.svg.getBoundingClientRect();
  const x = event ? event.clientX : box.left + spot.px, y = event ? event.clientY : box.top + (spot.py || margin.top);
  const left = Math.min(Math.max(6, x + 14), window.innerWidth - tip.offsetWidth - 8);
  const under = y + 16 + tip.offsetHeight < window.innerHeight;
  tip.style.left = `${Math.max(6, left)}px`;
  tip.style.top = `${under ? y + 16 : Math.max(4, y - tip.offsetHeight - 12)}px`;
  if (!event) live.textContent = lines.slice(0, -1).join("; ");
}

function unread(reader) { read(reader, -1, null); }

// The address of a chart and its state: #chart?run=...&off=a,b&futures=1
function hashOf(chart) {
  const state = new URLSearchParams();
  if (chart.step !== null) state.set("run", chart.steps[chart.step].run);
  const start = (chart.spec.off || []).slice().sort().join(","), off = [...chart.off].sort().join(",");
  if (off !== start) state.set("off", off);
  if (chart.futures) state.set("futures", "1");
  const text = state.toString();
  return `#${chart.id}${text ? `?${text}` : ""}`;
}

function remember(chart) { if (!PART) history.replaceState(null, "", hashOf(chart)); }

function copyLink(chart) {
  remember(chart);
  if (navigator.clipboard) navigator.clipboard.writeText(location.href).catch(() => {});
  live.textContent = "link copied";
}

function obeyHash() {
  const [id, query] = location.hash.slice(1).split("?"), chart = charts.get(id);
  if (!chart) return;
  const state = new URLSearchParams(query || "");
  if (state.has("off")) chart.off = new Set(state.get("off").split(",").filter(Boolean));
  const run = state.get("run"), step = chart.steps.findIndex((one) => one.run === run);
  chart.step = step >= 0 && step < chart.steps.length - 1 ? step : null;
  chart.futures = state.has("futures") && Boolean(chart.drawsOf);
  if (run && step < 0) live.textContent = `run ${run} is not kept on this page; shown is now`;
  chart.draw();
  chart.figure.scrollIntoView({ block: "start" });
}
