// The page: controls, pointers and keys.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const painter = makePainter();
const state = { log: data.log, clip: 1, shown: "all", hover: null, eye: { ...data.eye, zoom: 1 } };

function fail(text) {
  byId("failure").hidden = false;
  byId("failure").textContent = text;
}

function start() {
  const surfaces = data.surfaces.map((surface) => makeSurface(surface, painter));
  const bounded = new Set(surfaces.flatMap(({ data }) => data.quantities.filter(({ bounded }) => bounded).map(({ name }) => name)));
  const titles = new Map(surfaces.flatMap(({ data }) => data.quantities.map(({ name, title }) => [name, title])));
  const maps = Object.fromEntries(Object.entries(data.maps).map(([name, text]) => [name, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
  const views = surfaces.map(makeView);
  let scale = null;

  /** The scale of a quantity, the same for all surfaces; clipped at the slider. */
  function rescale() {
    let [low, high, positive] = [Infinity, -Infinity, Infinity];
    for (const { values } of surfaces)
      for (const v of values[state.quantity] || []) {
        if (!Number.isFinite(v)) continue;
        low = Math.min(low, v);
        high = Math.max(high, v);
        if (v > 0) positive = Math.min(positive, v);
      }
    const possible = low >= 0 && Number.isFinite(positive);
    // 1.3 decades, as in the figures
    const log = possible && (state.log ?? (low > 0 && Math.log10(high / low) > 1.3 && !bounded.has(state.quantity)));
    const full = low > high ? makeScale(0, 1, false) : makeScale(log ? Math.max(low, positive) : low, high, log);
    if (state.vmax !== undefined) {
      state.clip = Math.min(1, Math.max(0.01, full.at(state.vmax)));
      state.vmax = undefined;
    }
    const top = full.value(state.clip);
    scale = makeScale(full.low, state.clip < 1 ? top : full.high, log);
    scale.clipped = state.clip < 1;
    const cut = surfaces.map(({ limits }) => limits[state.quantity]).filter((limit) => limit);
    scale.beyond = scale.clipped ? top : cut.length ? Math.min(...cut) : null;
    byId("log").checked = log;
    byId("log").disabled = !possible;
    byId("clip").value = Math.round(1000 * state.clip);
    byId("clip").setAttribute("aria-valuetext", number(top));
    byId("clip-value").textContent = number(top);
    surfaces.forEach((surface) => surface.update(state.quantity, scale));
    redraw();
  }

  let waiting = false;
  function redraw() {
    if (!waiting) requestAnimationFrame(drawAll);
    waiting = true;
  }

  function drawAll() {
    waiting = false;
    const colours = theme();
    painter.colours(maps[state.map]);
    views.filter((view) => !view.figure.hidden).forEach((view) => view.draw(colours));
  }

  /** A figure with the surface from the eye and from above. */
  function makeView(surface, index) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    caption.textContent = surface.data.name;
    const note = document.createElement("small");
    note.textContent = surface.data.note;
    caption.append(note);
    caption.hidden = !surface.data.name && !surface.data.note;
    const canvas = (kind, label) => {
      const element = document.createElement("canvas");
      element.className = kind;
      element.tabIndex = 0;
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", `${label} ${surface.data.name}`.trim());
      return element;
    };
    const solid = canvas("solid", "Surface: arrow keys turn it, plus and minus zoom.");
    const plane = canvas("plane", "The surface from above: arrow keys move from point to point.");
    figure.append(caption, solid, plane);
    byId("views").append(figure);
    const view = { figure, solid, plane, surface, camera: null, frame: null, scene: null };

    view.draw = (colours) => {
      const ratio = window.devicePixelRatio || 1;
      const rgb = (text) => { const n = parseInt(text.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3"), 16); return [n >> 16, (n >> 8) & 255, n & 255].map((v) => v / 255); };
      view.scene = { ink: rgb(colours.ink), iso: isolines(scale), lift: LIFT, ratio, beyond: surface.beyond() };
      const names = [...surface.data.axes, titles.get(state.quantity)];
      const colour = (run) => (surface.runs.length === 1 ? colours.run : run.colour);
      const mark = state.hover && state.hover.index === index ? state.hover : null;

      const context = prepare(solid, ratio, colours);
      const [width, height] = [solid.width, solid.height];
      // a long name that runs along its axis reaches further out
      const aside = surface.data.axes.some((name) => name.length > 4) ? 36 : 12;
      const room = [BESIDE * ratio, 6 * ratio, width - (BESIDE + BAR + aside) * ratio, height - 50 * ratio];
      view.camera = makeCamera(state.eye, width, height, room);
      const scales = [surface.x, surface.y, scale];
      walls(context, view.camera, scales, colours, ratio);
      const paths = surface.runs.map((run) => ({ ...run, colour: [...rgb(colour(run)), 1] }));
      painter.draw(context, surface.mesh, paths, view.camera, view.scene, MODE.solid, [0, 0, width, height]);
      for (const run of surface.runs) {
        const [start, end] = [run.points[0], run.points[run.points.length - 1]].map((p) => p && surface.place(...p));
        markEnds(context, [start, end].map((p) => p && view.camera.point(p)), colour(run), colours, ratio);
      }
      for (const { name, at } of surface.data.marks) {
        const place = surface.place(...at);
        if (place) markNetwork(context, view.camera.point(place), name, colours, ratio);
      }
      boxAxes(context, view.camera, scales, names, colours, ratio);
      const bar = [width - BAR * ratio, 0.15 * height, 14 * ratio, 0.7 * height].map(Math.round);
      colourBar(context, bar, scale, maps[state.map], names[2], colours, ratio);
      if (mark) disc(context, view.camera.point(surface.node(mark.column, mark.row)), 5 * ratio, colours);

      const flat = prepare(plane, ratio, colours);
      const frame = (view.frame = makeFrame(plane.width, plane.height, surface.x, surface.y, ratio));
      flat.fillStyle = colours.hole;
      flat.fillRect(...frame.area);
      painter.draw(flat, surface.mesh, [], { ...view.camera, width: frame.area[2], height: frame.area[3] }, view.scene, MODE.plane, frame.area);
      flat.save();
      flat.beginPath();
      flat.rect(...frame.area);
      flat.clip();
      for (const run of surface.runs) {
        const points = run.points.map((p) => frame.point(...p));
        line(flat, points, colours.paper, 4 * ratio);
        line(flat, points, colour(run), 2 * ratio);
        markEnds(flat, [points[0], points[points.length - 1]], colour(run), colours, ratio);
        points.forEach((p, k) => {
          const value = run.own[state.quantity]?.[k];
          const own = Number.isFinite(value) && mapped(value);
          disc(flat, p, (own ? 4.5 : 2.5) * ratio, own ? { ink: own, paper: colour(run) } : { ...colours, ink: colour(run) });
        });
      }
      for (const { name, at } of surface.data.marks) markNetwork(flat, frame.point(...at), name, colours, ratio);
      if (mark) {
        const at = frame.point(surface.data.x[mark.column], surface.data.y[mark.row]);
        line(flat, [[at[0], frame.area[1]], [at[0], frame.area[1] + frame.area[3]]], colours.ink, ratio);
        line(flat, [[frame.area[0], at[1]], [frame.area[0] + frame.area[2], at[1]]], colours.ink, ratio);
        disc(flat, at, 5 * ratio, colours);
      }
      flat.restore();
      if (surface.runs.length > 1) legend(flat, frame, surface.runs, colours, ratio);
      planeAxes(flat, frame, surface.x, surface.y, names, colours, ratio);
    };
    watch(view, index);
    return view;
  }

  /** The colour of a value on the scale of the picture. */
  function mapped(value) {
    const map = maps[state.map];
    const k = Math.round(255 * Math.min(1, Math.max(0, scale.at(value))));
    return `rgb(${map[3 * k]} ${map[3 * k + 1]} ${map[3 * k + 2]})`;
  }

  /** A ring where a path starts, a disc where it ends. */
  function markEnds(context, [start, end], colour, colours, ratio) {
    if (start) disc(context, start, 5 * ratio, { ink: colours.paper, paper: colour });
    if (end) disc(context, end, 4.5 * ratio, { ink: colour, paper: colours.paper });
  }

  function disc(context, [x, y], radius, colours) {
    context.fillStyle = colours.ink;
    context.strokeStyle = colours.paper;
    context.lineWidth = radius / 3;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  function prepare(canvas, ratio, colours) {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((v) => Math.max(1, Math.round(v * ratio)));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, width, height);
    return context;
  }

  /** What is said of the checkpoint nearest to a place of the plane, in pixels, if one is near. */
  function ownValue(view, [x, y]) {
    const ratio = window.devicePixelRatio || 1;
    for (const run of view.surface.runs)
      for (const [k, point] of run.points.entries()) {
        const [a, b] = view.frame.point(...point);
        const value = run.own[state.quantity]?.[k];
        if (Number.isFinite(value) && Math.hypot(a - x, b - y) < 7 * ratio)
          return `; checkpoint ${k} of ${run.name} itself: ${number(value, 6)}`;
      }
    return "";
  }

  /** Reads a node out: in the line above, and by marks in both pictures. */
  function hover(index, node, more = "") {
    const { surface } = views[index];
    const readout = byId("readout");
    state.hover = node && { index, column: node[0], row: node[1] };
    if (node) {
      const [column, row] = node;
      const source = surface.values[state.quantity];
      const k = row * surface.nx + column;
      const cut = source && source[k] >= Math.fround(surface.limits[state.quantity] ?? Infinity);
      const value = source && surface.evaluated[k] ? `${cut ? "at least " : ""}${number(source[k], 6)}` : "not computed";
      const name = surfaces.length > 1 ? `${surface.data.name}: ` : "";
      readout.textContent = `${name}x = ${number(surface.data.x[column], 4)}, y = ${number(surface.data.y[row], 4)}: ${titles.get(state.quantity)} ${value}${more}`;
    }
    readout.classList.toggle("value", Boolean(node));
    redraw();
  }

  function turn(azimuth, elevation) {
    state.eye.azimuth = (state.eye.azimuth + azimuth) % 360;
    state.eye.elevation = Math.min(90, Math.max(-5, state.eye.elevation + elevation));
    redraw();
  }

  function zoom(factor) {
    state.eye.zoom = Math.min(8, Math.max(0.4, state.eye.zoom * factor));
    redraw();
  }

  /** Pointers, wheels and keys of a view. */
  function watch(view, index) {
    const { solid, plane, surface } = view;
    const device = (canvas, event) => [event.offsetX, event.offsetY].map((v, k) => Math.floor((v * [canvas.width, canvas.height][k]) / [canvas.clientWidth, canvas.clientHeight][k]));
    const pointers = new Map();
    const spread = () => { const [a, b] = [...pointers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
    solid.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      solid.setPointerCapture(event.pointerId);
    });
    solid.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) {
        hover(index, painter.pick(surface.mesh, view.camera, view.scene, ...device(solid, event)));
        return;
      }
      const apart = pointers.size === 2 ? spread() : 0;
      pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      if (pointers.size === 2) zoom(spread() / Math.max(apart, 1));
      else turn(-0.4 * (event.offsetX - before[0]), 0.4 * (event.offsetY - before[1]));
    });
    for (const kind of ["pointerup", "pointercancel"]) solid.addEventListener(kind, (event) => pointers.delete(event.pointerId));
    solid.addEventListener("click", (event) => hover(index, painter.pick(surface.mesh, view.camera, view.scene, ...device(solid, event))));
    solid.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(-0.0015 * event.deltaY)); }, { passive: false });
    for (const canvas of [solid, plane]) canvas.addEventListener("pointerleave", () => hover(index, null));
    solid.addEventListener("keydown", (event) => {
      const act = {
        ArrowLeft: () => turn(5, 0), ArrowRight: () => turn(-5, 0), ArrowUp: () => turn(0, 5), ArrowDown: () => turn(0, -5),
        "+": () => zoom(1.1), "=": () => zoom(1.1), "-": () => zoom(1 / 1.1), Home: resetView,
      }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
    for (const kind of ["pointermove", "pointerdown"]) plane.addEventListener(kind, (event) => {
      const [x, y] = device(plane, event);
      const [left, top, width, height] = view.frame.area;
      const [u, v] = [(x - left) / width, 1 - (y - top) / height];
      hover(index, u < 0 || u > 1 || v < 0 || v > 1 ? null : surface.nearest(surface.x.value(u), surface.y.value(v)), ownValue(view, [x, y]));
    });
    plane.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const from = state.hover && state.hover.index === index ? [state.hover.column, state.hover.row] : [surface.nx >> 1, surface.ny >> 1];
      hover(index, from.map((v, k) => Math.min([surface.nx, surface.ny][k] - 1, Math.max(0, v + step[k]))));
    });
  }

  function resetView() {
    state.eye = { ...data.eye, zoom: 1 };
    redraw();
  }

  /** All pictures that are shown, as one. */
  function save() {
    drawAll();
    const ratio = window.devicePixelRatio || 1;
    const area = byId("views").getBoundingClientRect();
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [area.width, area.height].map((v) => Math.round(v * ratio));
    const context = sheet.getContext("2d");
    const colours = theme();
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (const { figure, solid, plane, surface } of views.filter((view) => !view.figure.hidden)) {
      for (const canvas of [solid, plane]) {
        const at = canvas.getBoundingClientRect();
        context.drawImage(canvas, (at.left - area.left) * ratio, (at.top - area.top) * ratio);
      }
      const at = figure.getBoundingClientRect();
      context.font = `600 ${15 * ratio}px system-ui, sans-serif`;
      context.fillStyle = colours.ink;
      context.textBaseline = "top";
      context.fillText(surface.data.name, (at.left - area.left) * ratio, (at.top - area.top) * ratio);
    }
    const link = document.createElement("a");
    link.download = `${(data.title || "surface").replace(/[^\w.-]+/g, "-")}.png`;
    link.href = sheet.toDataURL("image/png");
    link.click();
  }

  function fillMenu(id, entries) {
    byId(id).replaceChildren(...entries);
  }
  const option = (value, text) => new Option(text, value);
  const group = (label, names) => {
    const element = document.createElement("optgroup");
    element.label = label;
    element.append(...names.map((name) => option(name, titles.get(name))));
    return element;
  };
  const headings = new Map(surfaces.flatMap(({ data }) => data.quantities.map(({ name, group }) => [name, group])));
  const groups = ["Training set", "Test set", "Curvature", "Standard errors", "Others"];
  fillMenu("quantity", groups.flatMap((label) => {
    const found = [...titles.keys()].filter((name) => headings.get(name) === label);
    return found.length ? [group(label, found)] : [];
  }));
  fillMenu("map", Object.keys(maps).map((name) => option(name, name)));
  fillMenu("surface", [option("all", "all"), ...surfaces.map(({ data }, k) => option(k, data.name))]);
  byId("surface-label").hidden = surfaces.length < 2;
  [state.quantity, state.map, state.vmax] = [data.quantity, data.map, data.vmax ?? undefined];
  byId("quantity").value = state.quantity;
  byId("map").value = state.map;
  byId("quantity").addEventListener("change", (event) => {
    [state.quantity, state.log, state.clip, state.hover] = [event.target.value, null, 1, null];
    rescale();
  });
  byId("map").addEventListener("change", (event) => { state.map = event.target.value; redraw(); });
  byId("log").addEventListener("change", (event) => { [state.log, state.clip] = [event.target.checked, 1]; rescale(); });
  byId("clip").addEventListener("input", (event) => { state.clip = Math.max(0.01, event.target.value / 1000); rescale(); });
  byId("surface").addEventListener("change", (event) => { state.shown = event.target.value; arrange(); });
  byId("reset").addEventListener("click", resetView);
  byId("save").addEventListener("click", save);
  byId("print").addEventListener("click", () => window.print());

  function arrange() {
    views.forEach((view, k) => { view.figure.hidden = state.shown !== "all" && String(k) !== state.shown; });
    byId("views").classList.toggle("one", views.filter((view) => !view.figure.hidden).length === 1);
    redraw();
  }
  new ResizeObserver(redraw).observe(byId("views"));

  const provenance = byId("provenance").querySelector("div");
  byId("provenance").hidden = surfaces.every(({ data }) => !data.about);
  for (const { data } of surfaces.filter(({ data }) => data.about)) {
    const about = data.about;
    const heading = document.createElement("h2");
    heading.textContent = data.name || about.file;
    const list = document.createElement("dl");
    for (const [term, text] of [["file", about.file], ["id", about.id], ["made by", about.created_by], ...about.history.map((command, k) => [k ? "" : "history", command])]) {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      [dt.textContent, dd.textContent] = [term, text];
      list.append(dt, dd);
    }
    provenance.append(heading, list);
  }
  arrange();
  rescale();
}

if (painter) start();
else fail("This browser shows no WebGL 2, which draws the surface. Another browser, or one with graphics acceleration, does.");
