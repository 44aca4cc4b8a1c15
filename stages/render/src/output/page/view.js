// The eye, and what is drawn around a surface on a visible canvas: walls, axes, the colour bar, marks.

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const add = (a, b) => a.map((v, k) => v + b[k]);
const times = (a, s) => a.map((v) => v * s);
const unit = (a) => times(a, 1 / Math.hypot(...a));
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** An eye whose picture of the box, whatever its azimuth, fits a rectangle of a canvas. */
function makeCamera(eye, width, height, [x, y, w, h]) {
  const at = (azimuth) => {
    const [e, a] = [eye.elevation, azimuth].map((degrees) => (degrees * Math.PI) / 180);
    const towards = [Math.cos(e) * Math.cos(a), Math.cos(e) * Math.sin(a), Math.sin(e)];
    const right = [-Math.sin(a), Math.cos(a), 0];
    return { towards, right, up: cross(towards, right) };
  };
  const flat = (axes, p) => {
    const shrink = DISTANCE / (DISTANCE - dot(p, axes.towards));
    return [shrink * dot(p, axes.right), -shrink * dot(p, axes.up)];
  };
  const seen = [];
  for (let k = 0; k < 36; k++)
    for (let c = 0; c < 8; c++) seen.push(flat(at(10 * k), HALF.map((half, axis) => ((c >> axis) & 1 ? half : -half))));
  const [left, right] = [Math.min(...seen.map((p) => p[0])), Math.max(...seen.map((p) => p[0]))];
  const [top, bottom] = [Math.min(...seen.map((p) => p[1])), Math.max(...seen.map((p) => p[1]))];
  const axes = at(eye.azimuth);
  const zoom = eye.zoom * Math.min(w / (right - left), h / (bottom - top));
  const centre = [x + w / 2 - (zoom * (left + right)) / 2, y + h / 2 - (zoom * (top + bottom)) / 2];
  const point = (p) => flat(axes, p).map((v, k) => centre[k] + zoom * v);
  return { ...axes, width, height, zoom, centre, point };
}

/** The colours of the page. */
function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(["paper", "ink", "faint", "line", "wall", "hole", "run"].map((name) => [name, colour(name)]));
}

const LIFT = 0.25;

/** Where axis `k` has a value, in the box. */
function along(scales, k, value) {
  const t = Math.min(1, Math.max(0, scales[k].at(value)));
  return HALF[k] * (2 * (k === 2 ? LIFT + (1 - LIFT) * t : t) - 1);
}

function line(context, points, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function walls(context, camera, scales, colours, ratio) {
  const near = camera.towards.map((v) => (v < 0 ? -1 : 1));
  for (let wall = 0; wall < 3; wall++) {
    const [u, v] = [(wall + 1) % 3, (wall + 2) % 3];
    const at = (a, b) => {
      const p = [0, 0, 0];
      [p[wall], p[u], p[v]] = [(wall === 2 ? -1 : -near[wall]) * HALF[wall], a, b];
      return camera.point(p);
    };
    context.fillStyle = colours.wall;
    context.beginPath();
    [[-1, -1], [1, -1], [1, 1], [-1, 1]].forEach(([a, b]) => context.lineTo(...at(a * HALF[u], b * HALF[v])));
    context.fill();
    for (const [value] of ticks(scales[u], u === 2 ? 6 : 4)) {
      const a = along(scales, u, value);
      line(context, [at(a, -HALF[v]), at(a, HALF[v])], colours.line, ratio);
    }
    for (const [value] of ticks(scales[v], v === 2 ? 6 : 4)) {
      const b = along(scales, v, value);
      line(context, [at(-HALF[u], b), at(HALF[u], b)], colours.line, ratio);
    }
  }
}

/** Writes texts that do not touch each other. */
function makeWriter(context, colours, ratio) {
  const taken = [];
  return (text, x, y, { align = "center", size = 12, angle = 0 } = {}) => {
    context.font = `${size * ratio}px system-ui, sans-serif`;
    const width = context.measureText(text).width;
    const height = size * ratio;
    const left = x - (align === "right" ? width : align === "center" ? width / 2 : 0);
    const box = [left - 2 * ratio, y - height / 2, left + width + 2 * ratio, y + height / 2];
    const touches = ([l, t, r, b]) => box[0] < r && l < box[2] && box[1] < b && t < box[3];
    // what is turned is the name of an axis, which has its own place
    if (!angle && taken.some(touches)) return;
    if (!angle) taken.push(box);
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.fillStyle = colours.ink;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.fillText(text, 0, 0);
    context.restore();
  };
}

function boxAxes(context, camera, scales, names, colours, ratio) {
  const write = makeWriter(context, colours, ratio);
  const near = camera.towards.map((v) => (v < 0 ? -1 : 1));
  const edges = [[-1, -1], [-1, 1], [1, -1], [1, 1]].map(([a, b]) => [a * HALF[0], b * HALF[1]]);
  const edge = edges.sort((a, b) => camera.point([...a, 0])[0] - camera.point([...b, 0])[0])[0];
  const up = (z) => camera.point([...edge, z]);
  line(context, [up(-HALF[2]), up(HALF[2])], colours.ink, ratio);
  let widest = 0;
  for (const [value, label] of ticks(scales[2], 6)) {
    const [x, y] = up(along(scales, 2, value));
    line(context, [[x, y], [x - 4 * ratio, y]], colours.ink, ratio);
    write(label, x - 7 * ratio, y, { align: "right" });
    widest = Math.max(widest, context.measureText(label).width);
  }
  const [x, y] = up(0);
  write(names[2], x - widest - 18 * ratio, y, { angle: -Math.PI / 2, size: 13 });
  for (const axis of [0, 1]) {
    const other = 1 - axis;
    const at = (a, out) => {
      const p = [0, 0, -HALF[2]];
      [p[axis], p[other]] = [a, near[other] * (HALF[other] + out)];
      return camera.point(p);
    };
    line(context, [at(-HALF[axis], 0), at(HALF[axis], 0)], colours.ink, ratio);
    const [foot, out] = [at(0, 0), at(0, 0.3)];
    const away = Math.hypot(out[0] - foot[0], out[1] - foot[1]) || 1;
    const beyond = (p, d) => p.map((v, k) => v + ((out[k] - foot[k]) / away) * d * ratio);
    for (const [value, label] of ticks(scales[axis], 4)) {
      const from = at(along(scales, axis, value), 0);
      line(context, [from, beyond(from, 4)], colours.ink, ratio);
      write(label, ...beyond(from, 16));
    }
    // as in the figures, long names run along the axis
    const [from, to] = [at(-HALF[axis], 0), at(HALF[axis], 0)];
    const steep = Math.atan2(to[1] - from[1], to[0] - from[0]);
    const along_axis = Math.abs(steep) > Math.PI / 2 ? steep - Math.sign(steep) * Math.PI : steep;
    const angle = names[axis].length > 4 ? along_axis : 0;
    write(names[axis], ...beyond(foot, angle ? 44 : 36), { size: 13, angle });
  }
}

/** Width of a colour bar with its numbers, and of the height axis with its own. */
const BAR = 70;
const BESIDE = 66;

function colourBar(context, [x, y, width, height], scale, rgb, name, colours, ratio) {
  const write = makeWriter(context, colours, ratio);
  for (let row = 0; row < height; row++) {
    const k = Math.max(0, Math.min(255, Math.floor(256 * (1 - (row + 0.5) / height))));
    context.fillStyle = `rgb(${rgb[3 * k]} ${rgb[3 * k + 1]} ${rgb[3 * k + 2]})`;
    context.fillRect(x, y + row, width, 1.5);
  }
  context.strokeStyle = colours.ink;
  context.lineWidth = ratio;
  context.strokeRect(x, y, width, height);
  if (scale.beyond) {
    // a hatched arrow: values were cut off here
    const tip = y - 0.9 * width;
    context.save();
    context.beginPath();
    [[x, y], [x + width / 2, tip], [x + width, y]].forEach((p) => context.lineTo(...p));
    context.closePath();
    context.fillStyle = `rgb(${rgb[765]} ${rgb[766]} ${rgb[767]})`;
    context.fill();
    context.stroke();
    context.clip();
    for (let at = 0; at < 2 * width; at += 4 * ratio) line(context, [[x + at - width, y], [x + at, y - width]], colours.ink, ratio);
    context.restore();
    write(`≥ ${number(scale.beyond)}`, x + width + 7 * ratio, y - 7 * ratio, { align: "left" });
  }
  for (const [value, label] of ticks(scale, Math.max(2, Math.min(8, height / ratio / 40)))) {
    const at = y + height * (1 - scale.at(value));
    line(context, [[x + width, at], [x + width + 4 * ratio, at]], colours.ink, ratio);
    write(label, x + width + 7 * ratio, at, { align: "left" });
  }
}

/** The frame of the plane: its rectangle, and a function from the data to the canvas. */
function makeFrame(width, height, x, y, ratio) {
  const [left, right, top, bottom] = [56, 14, 12, 46].map((v) => v * ratio);
  const area = [left, top, Math.max(1, width - left - right), Math.max(1, height - top - bottom)];
  const point = (a, b) => [area[0] + x.at(a) * area[2], area[1] + (1 - y.at(b)) * area[3]];
  return { area: area.map(Math.round), point };
}

function planeAxes(context, frame, x, y, names, colours, ratio) {
  const write = makeWriter(context, colours, ratio);
  const [left, top, width, height] = frame.area;
  context.strokeStyle = colours.ink;
  context.lineWidth = ratio;
  context.strokeRect(left, top, width, height);
  for (const [value, label] of ticks(x, Math.max(2, Math.min(7, width / ratio / 60)))) {
    const [at] = frame.point(value, y.low);
    line(context, [[at, top + height], [at, top + height + 4 * ratio]], colours.ink, ratio);
    write(label, at, top + height + 13 * ratio);
  }
  for (const [value, label] of ticks(y, Math.max(2, Math.min(7, height / ratio / 45)))) {
    const [, at] = frame.point(x.low, value);
    line(context, [[left - 4 * ratio, at], [left, at]], colours.ink, ratio);
    write(label, left - 7 * ratio, at, { align: "right" });
  }
  write(names[0], left + width / 2, top + height + 33 * ratio, { size: 13 });
  write(names[1], 9 * ratio, top + height / 2, { angle: -Math.PI / 2, size: 13 });
}

/** A diamond where a network is, and its name beside it. */
function markNetwork(context, [x, y], name, colours, ratio) {
  const radius = 6 * ratio;
  context.beginPath();
  [[x, y - radius], [x + radius, y], [x, y + radius], [x - radius, y]].forEach((p) => context.lineTo(...p));
  context.closePath();
  context.fillStyle = colours.ink;
  context.strokeStyle = colours.paper;
  context.lineWidth = 1.5 * ratio;
  context.fill();
  context.stroke();
  context.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  // a name that would leave the canvas stands on the other side
  const width = context.measureText(name).width + 2 * radius;
  const right = x + width < context.canvas.width;
  context.textAlign = right ? "left" : "right";
  const at = x + (right ? 1.7 : -1.7) * radius;
  context.lineWidth = 3 * ratio;
  context.lineJoin = "round";
  context.strokeText(name, at, y);
  context.fillText(name, at, y);
}

/** The names of the runs, in the corner of the plane that holds least of them. */
function legend(context, frame, runs, colours, ratio) {
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  const width = Math.max(...runs.map((run) => context.measureText(run.name).width)) + 44 * ratio;
  const height = (18 * runs.length + 8) * ratio;
  const [left, top, w, h] = frame.area;
  const gap = 8 * ratio;
  const corners = [[left + w - width - gap, top + gap], [left + gap, top + gap], [left + w - width - gap, top + h - height - gap], [left + gap, top + h - height - gap]];
  const points = runs.flatMap((run) => run.points.map((p) => frame.point(...p)));
  const covered = ([x, y]) => points.filter(([a, b]) => a > x && a < x + width && b > y && b < y + height).length;
  const [x, y] = corners.reduce((best, corner) => (covered(corner) < covered(best) ? corner : best));
  context.fillStyle = colours.paper;
  context.strokeStyle = colours.line;
  context.lineWidth = ratio;
  context.fillRect(x, y, width, height);
  context.strokeRect(x, y, width, height);
  runs.forEach((run, k) => {
    const row = y + (18 * k + 13) * ratio;
    line(context, [[x + 8 * ratio, row], [x + 28 * ratio, row]], run.colour, 2 * ratio);
    context.fillStyle = colours.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(run.name, x + 36 * ratio, row);
  });
}
