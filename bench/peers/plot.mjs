const WIDTH = 720;
const LABELS = 170;
const FIGURES = 90;
const ROW = 26;
const TOP = 44;

/**
 * Horizontal bars as SVG: `bars` are `{ label, value }`. Logarithmic if the largest is more than fifty times
 * the smallest. It follows the colours that the reader prefers.
 */
export function plotOf({ title, unit, bars, digits }) {
  const isLogarithmic = needsLogarithm(bars.map(({ value }) => value));
  const reach = scaleOf(bars, isLogarithmic);
  const height = TOP + bars.length * ROW + 12;
  const scale = isLogarithmic ? `${unit}, logarithmic` : unit;
  const lines = bars.map(({ label, value }, index) => {
    const y = TOP + index * ROW;
    const length = Math.round(reach(value) * (WIDTH - LABELS - FIGURES));
    const kind = label === "incumbent" ? "own" : "other";
    return [
      `<text class="label ${kind}" x="${LABELS - 10}" y="${y + 15}">${escaped(label)}</text>`,
      `<rect class="bar ${kind}" x="${LABELS}" y="${y + 2}" width="${length}" height="${ROW - 8}" rx="2"/>`,
      `<text class="figure" x="${LABELS + length + 8}" y="${y + 15}">${figure(value, digits)}</text>`,
    ].join("\n  ");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; }
    .scale, .figure { fill: #59636e; }
    .label { text-anchor: end; }
    .label.own { font-weight: 600; }
    .bar.own { fill: #0969da; }
    .bar.other { fill: #9aa4af; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .scale, .figure { fill: #9198a1; }
      .bar.own { fill: #4493f8; }
      .bar.other { fill: #656c76; }
    }
  </style>
  <text class="title" x="0" y="16">${escaped(title)} <tspan class="scale">(${escaped(scale)})</tspan></text>
  ${lines.join("\n  ")}
</svg>
`;
}

function needsLogarithm(values) {
  const positive = values.filter((value) => value > 0);
  return Math.max(...positive) > 50 * Math.min(...positive);
}

/** How long a bar is, from 0 to 1. */
function scaleOf(bars, isLogarithmic) {
  const positive = bars.map(({ value }) => value).filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  return (value) => {
    if (!(value > 0)) return 0;
    if (!isLogarithmic) return value / most;
    const origin = Math.log(least / 2);
    return (Math.log(value) - origin) / (Math.log(most) - origin);
  };
}

function figure(value, digits) {
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
