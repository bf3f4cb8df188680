// Numbers in words, and scales of axes.

// A number with so many significant digits, thousands separated, never in powers of ten (as labels.number does).
function number(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const decimals = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  const step = 10 ** -decimals;
  const rounded = decimals >= 0 ? Number(value.toFixed(Math.min(decimals, 20))) : Math.round(value / step) * step;
  const shown = Math.max(0, Math.min(decimals, 12));
  return rounded.toLocaleString("en-US", { minimumFractionDigits: shown, maximumFractionDigits: shown });
}

function tickText(value) {
  return Math.abs(value) >= 1e4 ? value.toLocaleString("en-US", { maximumFractionDigits: 0 })
    : Number(value.toPrecision(4)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

function linearTicks(low, high, wanted) {
  const raw = (high - low) / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= raw * 0.999) || 10 * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function logTicks(low, high, wanted) {
  const decades = Math.log10(high / low);
  const subs = decades < 1.2 ? [1, 2, 3, 5, 7] : decades < 2.5 ? [1, 2, 5] : decades < wanted ? [1, 3] : [1];
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const k of subs) if (k * 10 ** e >= low && k * 10 ** e <= high) ticks.push(k * 10 ** e);
  }
  return ticks.length >= 2 ? ticks : linearTicks(low, high, wanted);
}

// A scale maps values to pixels; rows are categories 0, 1, 2, ... from the top.
function scaleOf(axis, from, to) {
  const log = axis.type === "log";
  const [low, high] = axis.type === "rows" ? [-0.5, axis.labels.length - 0.5] : [axis.min, axis.max];
  const [a, b] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const scale = (value) => {
    const v = log ? Math.log(Math.max(value, 1e-300)) : value;
    return from + ((v - a) / (b - a || 1)) * (to - from);
  };
  scale.ticks = (wanted) => {
    if (axis.ticks) return axis.ticks;
    if (axis.type === "rows") return [];
    const some = log ? logTicks(low, high, wanted) : linearTicks(low, high, wanted);
    // One value alone gives no scale.
    const values = some.length > 1 ? some : linearTicks(low, high, 2 * wanted);
    return values.map((v) => [v, (axis.signed && v > 0 ? "+" : "") + tickText(v)]);
  };
  return scale;
}

const QUANTILES = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"];
const BANDS = [["p05", "p95", 90, 0.16], ["p10", "p90", 80, 0.2], ["p25", "p75", 50, 0.34]];

// Median and intervals of one entry of a mark, in words.
function quantilesInWords(mark, i) {
  const parts = BANDS.slice().reverse().filter(([low]) => mark[low])
    .map(([low, high, level]) => `${level} %: ${number(mark[low][i])} to ${number(mark[high][i])}`);
  return [`median ${number(mark.p50[i])}`, ...parts].join(" · ");
}
