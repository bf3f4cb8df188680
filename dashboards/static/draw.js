// One chart grammar: a panel has two axes and marks (fan, line, points, interval, bars, rule), drawn as SVG.

const SVG = "http://www.w3.org/2000/svg";

function node(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const colour = (name) => `var(--${name || "blue"})`;
// Letters over marks keep a rim of paper around them.
const HALO = { stroke: "var(--paper)", "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" };
const LINE = 12;
const there = (v) => v !== null && v !== undefined;

function path(points) {
  return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function cut(text, pixels, size = 6.1) {
  const most = Math.max(4, Math.floor(pixels / size));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// Breaks a text at its blanks into lines that fit, at most three; only what three can't hold is cut.
function folded(text, pixels, size = 6.1) {
  const most = Math.max(4, Math.floor(pixels / size)), lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1], longer = last ? `${last} ${word}` : word;
    if (longer.length <= most || !last || lines.length === 3) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => cut(line, pixels, size));
}

// Draws a panel; returns the SVG and its spots: what a pointer or an arrow key can stop at.
function drawPanel(panel, marks, width) {
  const rows = panel.y.type === "rows", narrow = width < 560, above = rows && narrow;
  const labels = rows ? panel.y.labels : [];
  const longest = Math.max(0, ...labels.map((l) => l.length));
  const heading = panel.title ? folded(panel.title, width, 7.3) : [], caption = panel.x.label ? folded(panel.x.label, width) : [];
  // Medians of a year stand under its number, where no mark lies over them.
  const medians = marks.some((mark) => mark.labelled) ? LINE + 2 : 0;
  const more = LINE * (Math.max(1, heading.length) - 1) + medians;
  const margin = {
    top: (panel.sub ? 38 : panel.title ? 24 : 10) + more - medians, right: 10,
    bottom: 24 + medians + (caption.length ? 4 + LINE * caption.length : 0),
    left: above ? 8 : rows ? Math.min(width * 0.46, longest * 6.1 + 14) : panel.small ? 42 : 52,
  };
  const lines = labels.map((label) => folded(label, above ? width - 16 : margin.left - 10));
  const most = LINE * Math.max(1, ...lines.map((l) => l.length));
  // Room for labels above their rows, where there is none beside them.
  const letters = above ? most + 4 : 0;
  const rowHeight = above ? (panel.rowHeight || 22) + letters : Math.max(panel.rowHeight || 22, most + 10);
  const height = rows ? margin.top + margin.bottom + rowHeight * labels.length : (panel.height || 270) + more;
  const x = scaleOf(panel.x, margin.left, width - margin.right);
  const y = rows ? scaleOf(panel.y, margin.top, height - margin.bottom)
    : scaleOf(panel.y, height - margin.bottom, margin.top);
  const svg = node("svg", {
    width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": panel.alt || panel.title || "",
    "font-family": "system-ui, sans-serif", "font-size": 11,
  });
  const frame = node("g"), body = node("g"), captions = node("g");
  const clip = `clip${(drawPanel.count = (drawPanel.count || 0) + 1)}`;
  svg.append(node("defs", {}, node("clipPath", { id: clip }, node("rect", {
    x: margin.left - 4, y: margin.top - 4, width: width - margin.left - margin.right + 8,
    height: height - margin.top - margin.bottom + 8,
  }))), frame, body, captions);
  body.setAttribute("clip-path", `url(#${clip})`);
  drawFrame(frame, panel, { x, y, rows, above, margin, width, height, rowHeight, lines, heading, caption, over: captions });
  const space = { x, y, rows, letters, margin, width, height, rowHeight, spots: [], body, over: captions, panel };
  for (const mark of marks) DRAW[mark.type](mark, space);
  return { svg, spots: gathered(space), space };
}

// A text of several lines.
function lined(lines, x, y, look) {
  return node("text", look, ...lines.map((line, n) => node("tspan", { x, y: y + LINE * n }, line)));
}

function drawFrame(frame, panel, { x, y, rows, above, margin, width, height, rowHeight, lines, heading, caption, over }) {
  const ink = { fill: "var(--soft)" };
  if (panel.title) {
    const title = lined(heading, 0, 13, { fill: "var(--ink)", "font-weight": 600, "font-size": 12 });
    title.append(node("title", {}, panel.title));
    frame.append(title);
  }
  if (panel.sub) frame.append(node("text", { x: 0, y: margin.top - 10, ...ink }, cut(panel.sub, width)));
  const fits = Math.max(2, Math.floor((width - margin.left) / 70));
  let last = -Infinity;
  for (const [v, label] of x.ticks(fits)) {
    const at = x(v);
    if (at < margin.left - 1 || at > width - margin.right + 1) continue;
    if (!panel.x.slots) frame.append(node("line", { x1: at, x2: at, y1: margin.top, y2: height - margin.bottom, stroke: "var(--grid)" }));
    if (at - last < label.length * 6.2 + 4) continue;
    last = at;
    const edge = at + label.length * 3.2 > width;
    frame.append(node("text", { x: edge ? width : at, y: height - margin.bottom + 15, "text-anchor": edge ? "end" : "middle", ...ink }, label));
  }
  for (const at of panel.x.slots || []) {
    frame.append(node("line", { x1: x(at), x2: x(at), y1: margin.top, y2: height - margin.bottom, stroke: "var(--grid)" }));
  }
  if (panel.x.label) {
    frame.append(lined(caption, caption.length > 1 ? width / 2 : (margin.left + width) / 2, height - 6 - LINE * (caption.length - 1), { "text-anchor": "middle", ...ink }));
  }
  if (rows) {
    panel.y.labels.forEach((label, i) => {
      const left = above ? margin.left : margin.left - 8;
      const first = above ? y(i) - rowHeight / 2 + LINE : y(i) + 4 - LINE * (lines[i].length - 1) / 2;
      const shown = lined(lines[i], left, first, { ...(above ? HALO : {}), "text-anchor": above ? "start" : "end", fill: "var(--ink)" });
      shown.append(node("title", {}, label));
      // Among the marks a label stands above the rules that cross it.
      (above ? over : frame).append(shown);
    });
    return;
  }
  const room = Math.max(2, Math.floor((height - margin.top - margin.bottom) / 42));
  for (const [v, label] of y.ticks(room)) {
    const at = y(v);
    if (at < margin.top - 1 || at > height - margin.bottom + 1) continue;
    frame.append(node("line", { x1: margin.left, x2: width - margin.right, y1: at, y2: at, stroke: "var(--grid)" }));
    frame.append(node("text", { x: margin.left - 6, y: at + 4, "text-anchor": "end", ...ink }, label));
  }
}

const middle = (space, i) => space.y(i) + space.letters / 2;

// Entries of one mark at the same place are told together.
function tell(space, at, line, mark, i) {
  space.spots.push({ at, line, name: mark.periods ? mark.periods[i] : "", mark, i });
}

function gathered(space) {
  const byPlace = new Map(), points = [];
  for (const spot of space.spots) {
    if (spot.point) { points.push(spot); continue; }
    const key = Math.round(spot.at * 1e4);
    if (!byPlace.has(key)) {
      const name = space.rows ? space.panel.y.labels[Math.round(spot.at)] : spot.name;
      byPlace.set(key, { at: spot.at, name, lines: [], rows: space.rows });
    }
    byPlace.get(key).lines.push(spot.line);
  }
  const groups = [...byPlace.values()].map((group) => ({
    ...group, px: space.rows ? space.width / 2 : space.x(group.at),
    py: space.rows ? middle(space, group.at) : null,
  }));
  const order = (s) => (space.rows ? s.py : s.px);
  return [...groups, ...points].sort((a, b) => order(a) - order(b));
}

const DRAW = {
  fan(mark, space) {
    const { x, y, body } = space, n = mark.x.length;
    const seen = [...Array(n).keys()].filter((i) => there(mark.p50[i]));
    if (!seen.length) return;
    const paint = colour(mark.colour);
    const bands = mark.outline ? BANDS.filter(([, , level]) => level === 80) : BANDS;
    for (const [low, high, , opacity] of bands) {
      if (!mark[low]) continue;
      const look = mark.outline
        ? { fill: "none", stroke: paint, "stroke-dasharray": "3 3", "stroke-width": 1.2 }
        : { fill: paint, "fill-opacity": opacity, stroke: "none" };
      if (mark.shape === "slot") {
        for (const i of seen) {
          const left = x(mark.x[i] - mark.width / 2), right = x(mark.x[i] + mark.width / 2);
          body.append(node("rect", { x: left, width: right - left, y: y(mark[high][i]), height: Math.max(0.5, y(mark[low][i]) - y(mark[high][i])), ...look }));
        }
      } else {
        const up = seen.map((i) => [x(mark.x[i]), y(mark[high][i])]);
        const down = seen.map((i) => [x(mark.x[i]), y(mark[low][i])]).reverse();
        body.append(node("path", { d: `${path([...up, ...down])}Z`, ...look }));
      }
    }
    const line = { stroke: paint, "stroke-width": 1.8, fill: "none", "stroke-dasharray": mark.outline ? "5 3" : "" };
    if (mark.shape === "slot") {
      for (const i of seen) {
        const half = mark.width / 2, labelled = mark.labelled && !mark.outline;
        body.append(node("line", { x1: x(mark.x[i] - half), x2: x(mark.x[i] + half), y1: y(mark.p50[i]), y2: y(mark.p50[i]), ...line }));
        if (labelled) {
          space.over.append(node("text", { x: x(mark.x[i]), y: space.height - space.margin.bottom + 29, "text-anchor": "middle", fill: paint, "font-weight": 700 }, number(mark.p50[i])));
        }
      }
    } else body.append(node("path", { d: path(seen.map((i) => [x(mark.x[i]), y(mark.p50[i])])), ...line }));
    for (const i of seen) tell(space, mark.x[i], `${mark.name}: ${quantilesInWords(mark, i)}`, mark, i);
  },

  line(mark, space) {
    const { x, y, body } = space;
    const seen = [...mark.x.keys()].filter((i) => there(mark.y[i]));
    if (!seen.length) return;
    body.append(node("path", {
      d: path(seen.map((i) => [x(mark.x[i]), y(mark.y[i])])), fill: "none", stroke: colour(mark.colour),
      "stroke-width": mark.weight || 1.6, "stroke-dasharray": mark.dash || "", "stroke-opacity": mark.opacity || 1,
    }));
    if (mark.silent) return;
    for (const i of seen) tell(space, mark.x[i], `${mark.name}: ${number(mark.y[i])}`, mark, i);
  },

  interval(mark, space) {
    const { x, y, body, rows } = space;
    mark.at.forEach((at, i) => {
      if (!there(mark.p50[i])) return;
      const paint = colour(mark.colours ? mark.colours[i] : mark.colour);
      const shift = (mark.shift || 0) * (rows ? space.rowHeight - space.letters : 1);
      const place = rows ? middle(space, at) + shift : x(at) + shift;
      for (const [low, high, thick, opacity] of [["p05", "p95", 3, 0.5], ["p10", "p90", 3, 0.5], ["p25", "p75", 6, 0.6]]) {
        if (!mark[low] || !there(mark[low][i])) continue;
        const [a, b] = [mark[low][i], mark[high][i]];
        const ends = rows ? { x1: x(a), x2: x(b), y1: place, y2: place } : { x1: place, x2: place, y1: y(a), y2: y(b) };
        body.append(node("line", { ...ends, stroke: paint, "stroke-width": mark.thin ? thick * 0.7 : thick, "stroke-opacity": opacity }));
      }
      const centre = rows ? { cx: x(mark.p50[i]), cy: place } : { cx: place, cy: y(mark.p50[i]) };
      body.append(node("circle", { ...centre, r: mark.thin ? 2.8 : 3.6, fill: (mark.hollow || [])[i] ? "var(--paper)" : paint, stroke: paint, "stroke-width": 1.4 }));
      const said = (mark.words || [])[i];
      tell(space, at, `${mark.name}: ${said || quantilesInWords(mark, i)}`, mark, i);
    });
  },

  bars(mark, space) {
    const { x, y, body, rows } = space;
    mark.at.forEach((at, i) => {
      const [from, to] = [mark.from ? mark.from[i] : 0, mark.to[i]];
      if (!there(to)) return;
      const half = (mark.width || 0.8) / 2, look = { fill: colour(mark.colours ? mark.colours[i] : mark.colour), "fill-opacity": mark.opacity || 0.85 };
      if (rows) {
        const centre = middle(space, at), thick = Math.min((space.rowHeight - space.letters) * 0.62, 16);
        body.append(node("rect", { x: Math.min(x(from), x(to)), width: Math.abs(x(to) - x(from)), y: centre - thick / 2, height: thick, ...look }));
      } else {
        body.append(node("rect", { x: x(at - half), width: Math.max(1, x(at + half) - x(at - half) - 1), y: Math.min(y(from), y(to)), height: Math.abs(y(from) - y(to)), ...look }));
      }
      if (mark.silent) return;
      tell(space, at, `${mark.name}: ${(mark.words || [])[i] || number(to - from)}`, mark, i);
    });
  },

  points(mark, space) {
    const { x, y, body } = space, paint = colour(mark.colour);
    mark.x.forEach((at, i) => {
      const px = x(at), [value, low, high] = [mark.y[i], mark.low && mark.low[i], mark.high && mark.high[i]];
      const known = [value, low, high].filter(there);
      if (!known.length) return;
      const py = y(there(value) ? value : known.length === 2 ? Math.sqrt(Math.abs(low * high)) : known[0]);
      const group = node("g", { class: "point", opacity: mark.faint && mark.faint[i] ? 0.3 : 0.92 });
      if (there(low) && there(high)) group.append(node("line", { x1: px, x2: px, y1: y(low), y2: y(high), stroke: paint, "stroke-width": there(value) ? 1.2 : 2.4 }));
      else if (!there(value)) {
        const up = there(low) ? -1 : 1;
        group.append(node("path", { d: `M${px - 4} ${py}h8M${px} ${py}v${12 * up}m-3 ${-4 * up}l3 ${4 * up}l3 ${-4 * up}`, stroke: paint, fill: "none", "stroke-width": 1.3 }));
      }
      const span = mark.span && mark.span[i];
      if (span > 0.13 && there(value)) group.append(node("line", { x1: x(at - span), x2: x(at + span), y1: py, y2: py, stroke: paint }));
      if (there(value)) {
        const hollow = mark.hollow && mark.hollow[i];
        group.append(node("path", { d: SHAPES[mark.shape || "circle"], transform: `translate(${px.toFixed(1)} ${py.toFixed(1)})`, fill: hollow ? "var(--paper)" : paint, stroke: paint }));
      }
      body.append(group);
      if (px < space.margin.left - 4 || px > space.width - space.margin.right + 4) return;
      space.spots.push({ point: true, at, px, py, figure: mark.figure && mark.figure[i], name: mark.name, lines: (mark.words || [])[i] ? [mark.words[i]] : [`${mark.name}: ${number(value)}`], i, mark });
    });
  },

  rule(mark, space) {
    const { x, y, margin, width, height, body } = space;
    const ends = mark.axis === "y" ? { x1: margin.left, x2: width - margin.right, y1: y(mark.at), y2: y(mark.at) }
      : { x1: x(mark.at), x2: x(mark.at), y1: margin.top, y2: height - margin.bottom };
    body.append(node("line", { ...ends, stroke: colour(mark.colour || "ink"), "stroke-dasharray": mark.dash === undefined ? "4 3" : mark.dash }));
    if (mark.label) {
      const where = mark.axis === "y" ? { x: width - margin.right, y: ends.y1 - 4 } : { x: ends.x1 - 4, y: margin.top + 9 };
      body.append(node("text", { ...where, ...HALO, "text-anchor": "end", fill: "var(--ink)" }, mark.label));
    }
  },
};

const SHAPES = {
  circle: "M3.4 0A3.4 3.4 0 1 1 -3.4 0A3.4 3.4 0 1 1 3.4 0Z", square: "M-3 -3h6v6h-6Z", diamond: "M0 -4.2L4.2 0L0 4.2L-4.2 0Z",
  triangle: "M0 -4L4 3.2H-4Z", cross: "M-3 -3L3 3M3 -3L-3 3", star: "M0 -6L1.6 -1.8L6 -1.8L2.4 1L3.7 5.4L0 2.8L-3.7 5.4L-2.4 1L-6 -1.8L-1.6 -1.8Z",
};
