// What a chart shows as a table, as CSV and as PNG; and what is known of one published figure.

const FIGURE_COLUMNS = ["publisher", "published", "printed", "kind", "period", "used", "pit", "url"];

function tableOf(chart) {
  const rows = [], rounded = (v) => (typeof v === "number" ? Number(v.toPrecision(6)) : v);
  for (const panel of chart.spec.panels) {
    for (const mark of chart.marksOf(panel)) {
      if (mark.type === "rule" || (mark.silent && mark.key !== "future")) continue;
      const places = mark.at || mark.x;
      places.forEach((at, i) => {
        const row = { panel: [panel.title, panel.sub].filter(Boolean).join(", "), series: mark.name };
        row.at = panel.y.type === "rows" ? panel.y.labels[at] : (mark.periods || [])[i] || rounded(at);
        for (const q of QUANTILES) if (mark[q]) row[q === "p50" ? "median" : q] = rounded(mark[q][i]);
        if (mark.y) row.value = rounded(mark.y[i]);
        if (mark.to) row.value = rounded(mark.to[i] - (mark.from ? mark.from[i] : 0));
        for (const end of ["low", "high"]) if (mark[end] && there(mark[end][i])) row[end] = rounded(mark[end][i]);
        if (mark.words) row.words = mark.words[i];
        const figure = mark.figure && DATA.figures[mark.figure[i]];
        if (figure) {
          row.figure = mark.figure[i];
          for (const name of FIGURE_COLUMNS) row[name] = figure[name];
        }
        rows.push(row);
      });
    }
  }
  const known = ["panel", "series", "at", "p05", "p10", "p25", "median", "p75", "p90", "p95", "value", "low", "high", "words", "figure", ...FIGURE_COLUMNS];
  const columns = known.filter((name) => rows.some((row) => there(row[name]) && row[name] !== ""));
  return { columns, rows };
}

function fillTable(chart, details) {
  const { columns, rows } = tableOf(chart);
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const lines = rows.map((row) => element("tr", {}, ...columns.map((name) => {
    const value = row[name], numeric = typeof value === "number";
    return element("td", numeric ? { class: "num" } : {}, there(value) ? (numeric ? number(value, 4) : String(value)) : "");
  })));
  const caption = element("caption", {}, `${chart.spec.title}. ${chart.spec.foot}`);
  const table = element("table", {}, caption, element("thead", {}, head), element("tbody", {}, ...lines));
  details.querySelectorAll(".scroll").forEach((old) => old.remove());
  details.append(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${chart.spec.title}` }, table));
}

// A cell that a spreadsheet would take for a formula is kept as text.
function csvCell(value) {
  if (!there(value)) return "";
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvOf(chart) {
  const { columns, rows } = tableOf(chart), names = [...columns, "unit", "as_of", "run_id"];
  const tail = [chart.spec.unit, DATA.meta.as_of, DATA.meta.run_id];
  const lines = rows.map((row) => [...columns.map((name) => row[name]), ...tail].map(csvCell).join(","));
  return `${[names.join(","), ...lines].join("\r\n")}\r\n`;
}

function save(name, blob) {
  const address = URL.createObjectURL(blob), link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

const fileName = (chart, suffix) => `${chart.id}_${DATA.meta.run_id}.${suffix}`;

function downloadCsv(chart) {
  save(fileName(chart, "csv"), new Blob([csvOf(chart)], { type: "text/csv;charset=utf-8" }));
}

function picture(svg) {
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer().serializeToString(svg)
    .replace(/var\(--([\w-]+)\)/g, (_, name) => style.getPropertyValue(`--${name}`).trim());
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("a panel could not be drawn"));
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
}

function wrapped(context, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (context.measureText(longer).width > width && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

// The legend of a picture, from left to right in lines; returns the height it took.
function drawLegend(context, chart, width, x, y) {
  const style = getComputedStyle(document.documentElement);
  const entries = (chart.spec.legend || []).filter((entry) => !chart.off.has(entry.key));
  let [at, line] = [0, 0];
  for (const entry of entries) {
    const wide = context.measureText(entry.label).width + 32;
    if (at && at + wide > width) [at, line] = [0, line + 1];
    context.fillStyle = style.getPropertyValue(`--${entry.colour}`);
    context.fillRect(x + at, y + 18 * line - 9, 10, 10);
    context.fillStyle = style.getPropertyValue("--ink");
    context.fillText(entry.label, x + at + 15, y + 18 * line);
    at += wide;
  }
  return entries.length ? 18 * (line + 1) : 0;
}

async function downloadPng(chart) {
  const box = chart.panels.getBoundingClientRect(), style = getComputedStyle(document.documentElement), ratio = 2, edge = 16;
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  context.font = "12px system-ui, sans-serif";
  const notes = wrapped(context, `${chart.spec.look} ${chart.spec.foot}`, box.width);
  const then = chart.step === null ? "" : ` · filled: ${chart.steps[chart.step].label}, as of ${chart.steps[chart.step].as_of}; dashed: now`;
  const legend = drawLegend(context, chart, box.width, 0, 0), above = 34 + legend, below = 17 * notes.length + 12;
  canvas.width = (box.width + 2 * edge) * ratio;
  canvas.height = (box.height + above + below + 2 * edge) * ratio;
  context.scale(ratio, ratio);
  context.fillStyle = style.getPropertyValue("--paper");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.getPropertyValue("--ink");
  context.font = "600 16px system-ui, sans-serif";
  context.fillText(chart.spec.title + then, edge, edge + 14);
  context.font = "12px system-ui, sans-serif";
  drawLegend(context, chart, box.width, edge, edge + 38);
  for (const svg of chart.panels.querySelectorAll("svg")) {
    const place = svg.getBoundingClientRect();
    context.drawImage(await picture(svg), edge + place.left - box.left, edge + above + place.top - box.top, place.width, place.height);
  }
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = style.getPropertyValue("--soft");
  notes.forEach((line, i) => context.fillText(line, edge, edge + above + box.height + 16 + 17 * i));
  canvas.toBlob((blob) => save(fileName(chart, "png"), blob), "image/png");
}

const webAddress = (url) => /^https?:\/\//i.test(url || "");

function openFigure(id) {
  const figure = DATA.figures[id], dialog = document.getElementById("figure");
  if (!figure) return;
  const pull = there(figure.pull) ? `${figure.pull > 0 ? "+" : ""}${number(figure.pull, 2)} standard deviations from what the model expects of such a figure` : "";
  const facts = [
    ["Publisher", figure.relayed_by && figure.relayed_by !== figure.publisher ? `${figure.publisher}, via ${figure.relayed_by}` : figure.publisher],
    ["Published", figure.published], ["Value as printed", figure.printed], ["About", `${figure.about}, ${figure.period} (${figure.kind})`],
    ["Used", figure.used], ["Expected of a published figure", figure.expected],
    ["PIT", there(figure.pit) ? `${number(figure.pit, 2)}: probability of a lower print` : ""], ["Pull", pull],
    ["Title", figure.title], ["Note", figure.note], ["Id", id],
  ];
  const list = element("dl", {}, ...facts.filter(([, text]) => text).flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]));
  if (webAddress(figure.url)) list.append(element("dt", {}, "Address"), element("dd", {}, element("a", { href: figure.url, rel: "noreferrer noopener", target: "_blank" }, figure.url)));
  else if (figure.url) list.append(element("dt", {}, "Address"), element("dd", {}, figure.url));
  dialog.querySelector(".facts").replaceChildren(list);
  tip.hidden = true;
  dialog.showModal();
}
