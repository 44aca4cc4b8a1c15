// Scales, ticks and numbers, as in the figures.

/** A scale from `low` to `high`; `at` gives 0 to 1, `value` goes back. */
function makeScale(low, high, log) {
  if (!(high > low)) {
    const spread = log ? 2 : 0.5 * Math.max(Math.abs(low), 1);
    [low, high] = log ? [low / spread, high * spread] : [low - spread, high + spread];
  }
  const f = log ? Math.log : (v) => v;
  const [a, b] = [f(low), f(high)];
  const value = (t) => (log ? Math.exp(a + t * (b - a)) : a + t * (b - a));
  // what is not above 0 lies at the lower end of a logarithmic scale
  return { low, high, log, at: (v) => (log && v <= 0 ? 0 : (f(v) - a) / (b - a)), value };
}

function niceStep(raw) {
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  return magnitude * ([1, 2, 2.5, 5].find((factor) => factor * magnitude >= raw * 0.999) || 10);
}

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const power = (exponent) => "10" + [...String(exponent)].map((c) => RAISED[c]).join("");
const minus = (text) => text.replace(/-/g, "−");

/** A number with so many significant digits. */
function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : minus(String(value)).replace("Infinity", "∞");
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const exponent = Math.floor(Math.log10(Math.abs(rounded)) + 1e-12);
  if (exponent >= -3 && exponent < Math.max(digits, 4)) return minus(String(rounded));
  const mantissa = Number((rounded / 10 ** exponent).toPrecision(digits));
  return minus(mantissa === 1 ? "" : `${mantissa}×`) + power(exponent);
}

/** Labelled ticks of a scale: [value, label]. */
function ticks(scale, count) {
  const { low, high } = scale;
  const inside = (v) => v >= low - 1e-9 * Math.abs(low) && v <= high + 1e-9 * Math.abs(high);
  if (!scale.log) {
    const step = niceStep((high - low) / count);
    const decimals = Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9) + (/2\.?5/.test(String(step / 10 ** Math.floor(Math.log10(step)))) ? 1 : 0)));
    const all = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      const value = k * step + 0;
      all.push([value, Math.abs(value) >= 1e6 || (value && step < 1e-6) ? number(value) : minus(value.toFixed(decimals))]);
    }
    return all;
  }
  const decades = Math.log10(high / low);
  const step = Math.max(1, Math.ceil(decades / count));
  const multiples = (mantissas, every, name) => {
    const all = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
      for (const m of e % every === 0 ? mantissas : []) {
        const value = m * 10 ** e;
        if (inside(value)) all.push([value, name(value, e)]);
      }
    return all;
  };
  // as in the figures: at least three labels, or numbers between the powers of ten
  let every = step;
  while (every > 1 && multiples([1], every, () => 0).length < 3) every--;
  const powers = multiples([1], every, (value, e) => power(e));
  if (powers.length >= 3 && 3 * decades >= count) return powers;
  for (const mantissas of [[1, 2, 5], [1, 3], [1, 2, 3, 5, 7]]) {
    const all = multiples(mantissas, 1, (value) => number(value));
    if (all.length >= 3 && all.length <= Math.max(count, 6)) return all;
  }
  for (let more = 0; decades < 1 && more < Math.max(count, 3); more++) {
    const all = ticks({ low, high, log: false }, count + more);
    if (all.length >= 3) return all;
  }
  return powers;
}

/** Isolines: evenly spaced in what is interpolated, as [first, step] in parts of the scale. */
function isolines(scale) {
  const span = scale.log ? Math.log10(scale.high / scale.low) : scale.high - scale.low;
  const step = niceStep(span / 12);
  const low = scale.log ? Math.log10(scale.low) : scale.low;
  return [(Math.ceil(low / step) * step - low) / span, step / span];
}
