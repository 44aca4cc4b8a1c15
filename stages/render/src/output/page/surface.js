// A surface of the page: its values, its mesh, its trajectories.

/** Little-endian f32 from base64. */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

function makeSurface(data, painter) {
  const [nx, ny] = [data.x.length, data.y.length];
  const values = Object.fromEntries(data.quantities.map(({ name, values }) => [name, decode(values)]));
  const ends = (axis) => makeScale(axis[0], axis[axis.length - 1], false);
  const [x, y] = [ends(data.x), ends(data.y)];
  const evaluated = Uint8Array.from(atob(data.evaluated), (c) => c.charCodeAt(0));
  const place = new Float32Array(2 * nx * ny);
  const cell = new Float32Array(2 * nx * ny);
  for (let row = 0, k = 0; row < ny; row++)
    for (let column = 0; column < nx; column++, k++) {
      place.set([HALF[0] * (2 * x.at(data.x[column]) - 1), HALF[1] * (2 * y.at(data.y[row]) - 1)], 2 * k);
      cell.set([column, row], 2 * k);
    }
  const mesh = painter.makeBuffers();
  const runs = data.runs.map((run) => ({ ...run, line: painter.makeBuffers(), steps: painter.makeBuffers() }));
  const limits = Object.fromEntries(data.quantities.map(({ name, limit }) => [name, limit]));
  let heights = new Float32Array(nx * ny);
  let beyond = Infinity;

  /** Heights from 0 to 1 on a scale; NaN where there is none. */
  function update(name, scale) {
    const source = values[name];
    // what the file cut off lies at its limit, what the page cut off at the end of the scale
    beyond = Math.min(limits[name] ? scale.at(limits[name]) : Infinity, scale.clipped ? 1 : Infinity) - 1e-5;
    heights = new Float32Array(nx * ny).fill(NaN);
    for (let k = 0; source && k < heights.length; k++)
      if (Number.isFinite(source[k])) heights[k] = Math.min(1, Math.max(0, scale.at(source[k])));
    const slope = new Float32Array(2 * nx * ny);
    const tall = 2 * HALF[2] * (1 - LIFT);
    const rise = (k, a, b) => {
      const [low, high] = [Number.isNaN(heights[a]) ? k : a, Number.isNaN(heights[b]) ? k : b];
      return [low, high, tall * (heights[high] - heights[low])];
    };
    const indices = new Uint32Array(6 * (nx - 1) * (ny - 1));
    let count = 0;
    for (let row = 0, k = 0; row < ny; row++)
      for (let column = 0; column < nx; column++, k++) {
        if (Number.isNaN(heights[k])) continue;
        const [left, right, dx] = rise(k, column ? k - 1 : k, column < nx - 1 ? k + 1 : k);
        const [below, above, dy] = rise(k, row ? k - nx : k, row < ny - 1 ? k + nx : k);
        if (right !== left) slope[2 * k] = dx / (place[2 * right] - place[2 * left]);
        if (above !== below) slope[2 * k + 1] = dy / (place[2 * above + 1] - place[2 * below + 1]);
      }
    // beside a hole the triangle of the other three corners is left
    for (let row = 0; row < ny - 1; row++)
      for (let column = 0; column < nx - 1; column++) {
        const k = row * nx + column;
        const corners = [k, k + 1, k + nx + 1, k + nx].filter((corner) => !Number.isNaN(heights[corner]));
        for (const c of [[], [], [], [0, 1, 2], [0, 1, 2, 0, 2, 3]][corners.length]) indices[count++] = corners[c];
      }
    mesh.texture(heights.map((h) => (Number.isNaN(h) ? -1 : h)), nx, ny);
    mesh.fill([place, heights.map((h) => (Number.isNaN(h) ? 0 : h)), slope, cell], indices.subarray(0, count));
    runs.forEach(fillRun);
  }

  /** The height at a place between the nodes, or NaN. */
  function heightAt(a, b) {
    const find = (axis, v) => {
      if (!(v >= axis[0] && v <= axis[axis.length - 1])) return null;
      let k = 0;
      while (k < axis.length - 2 && axis[k + 1] <= v) k++;
      return [k, (v - axis[k]) / (axis[k + 1] - axis[k])];
    };
    const [column, row] = [find(data.x, a), find(data.y, b)];
    if (!column || !row) return NaN;
    const [c, u] = column;
    const [r, v] = row;
    const h = (i, j) => heights[(r + i) * nx + c + j];
    return (1 - v) * ((1 - u) * h(0, 0) + u * h(0, 1)) + v * ((1 - u) * h(1, 0) + u * h(1, 1));
  }

  function fillRun(run) {
    const points = (list) => {
      const there = list.map(([a, b]) => [a, b, heightAt(a, b)]).filter(([, , h]) => !Number.isNaN(h));
      const places = there.flatMap(([a, b]) => [HALF[0] * (2 * x.at(a) - 1), HALF[1] * (2 * y.at(b) - 1)]);
      return [new Float32Array(places), new Float32Array(there.map(([, , h]) => h))];
    };
    const between = run.points.slice(1).flatMap((to, k) =>
      Array.from({ length: 120 }, (_, n) => run.points[k].map((v, axis) => v + (n / 120) * (to[axis] - v))));
    run.line.fill(points(between));
    run.steps.fill(points(run.points));
  }

  return {
    data, nx, ny, x, y, mesh, runs, values, evaluated, limits, update,
    /** The height from which on values were cut off. */
    beyond: () => beyond,
    /** A place of the data on the surface, in the box; null where there is no surface. */
    place(a, b) {
      const height = heightAt(a, b);
      return Number.isNaN(height) ? null
        : [HALF[0] * (2 * x.at(a) - 1), HALF[1] * (2 * y.at(b) - 1), HALF[2] * (2 * (LIFT + (1 - LIFT) * height) - 1)];
    },
    /** The middle of a node in the box. */
    node: (column, row) => [place[2 * (row * nx + column)], place[2 * (row * nx + column) + 1],
      HALF[2] * (2 * (LIFT + (1 - LIFT) * (heights[row * nx + column] || 0)) - 1)],
    /** The node nearest to a place of the data. */
    nearest(a, b) {
      const find = (axis, v) => axis.reduce((best, place, k) => (Math.abs(place - v) < Math.abs(axis[best] - v) ? k : best), 0);
      return [find(data.x, a), find(data.y, b)];
    },
  };
}
