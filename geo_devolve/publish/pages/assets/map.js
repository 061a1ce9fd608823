// The map: one canvas a plan, all of them looking at the same part of the ground.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The part of the ground in view: its middle, and how many times larger than when everything fits. */
const view = { x: 0.5, y: 0.5, zoom: 1 };
const MOST_ZOOM = 60;

function readView() {
  if (!state.view) return Object.assign(view, { x: 0.5, y: 0.5, zoom: 1 });
  const [x, y, zoom] = state.view.split(",").map(Number);
  return Object.assign(view, { x: x / 1000, y: y / 1000, zoom: Math.min(Math.max(zoom, 0.8), MOST_ZOOM) });
}

let keeping = 0;
function keepView() {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const text = `${(view.x * 1000).toFixed(1)},${(view.y * 1000).toFixed(1)},${view.zoom.toFixed(2)}`;
    state.view = text === "500.0,500.0,1.00" ? null : text; // where it starts
    writeAddress();
  }, 200);
}

const probe = document.createElement("canvas").getContext("2d");
const inBox = (box, x, y) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
const councilAt = (x, y) => councils.find(
  (council) => inBox(council.box, x, y) && probe.isPointInPath(council.path, x, y, "evenodd"),
) || null;

class MapView {
  constructor(plan, host) {
    this.plan = plan;
    this.host = document.createElement("div");
    this.host.className = "map";
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "map");
    this.canvas.setAttribute("aria-describedby", "map-help");
    this.title = document.createElement("p");
    this.title.className = "map-title";
    this.host.append(this.canvas, this.title);
    host.append(this.host);
    this.context = this.canvas.getContext("2d");
    this.pointers = new Map();
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.host);
    this.resize();
  }

  resize() {
    const { clientWidth, clientHeight } = this.host;
    if (!clientWidth || !clientHeight) return;
    this.ratio = Math.min(devicePixelRatio || 1, 2.5);
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * this.ratio);
    this.canvas.height = Math.round(clientHeight * this.ratio);
    this.stale = true;
    this.paint();
  }

  /** Pixels a step of the grid, and where the grid's corner is. */
  placement(at = view) {
    const narrow = this.width < 560;
    const pad = narrow ? 14 : 26;
    const top = narrow ? 56 : pad; // below the search field
    const fit = Math.min((this.width - 2 * pad) / ground.width, (this.height - top - pad) / ground.height);
    const scale = fit * at.zoom;
    const middle = top + (this.height - top - pad) / 2;
    return { scale, left: this.width / 2 - at.x * ground.width * scale, top: middle - at.y * ground.height * scale };
  }

  toGround(x, y) {
    const { scale, left, top } = this.placement();
    return [(x - left) / scale, (y - top) / scale];
  }

  /** Draw everything anew before the next frame, however often it is asked for. */
  draw() {
    this.stale = true;
    this.ask();
  }

  /** Show the picture there is where it now belongs; draw it sharp again when the map has come to rest. */
  shift() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.draw(), 140);
    this.ask();
  }

  ask() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.width) return;
    const at = this.placement();
    if (this.stale || !this.covers(at)) this.render(at);
    this.stale = false;
    const { context, shot } = this;
    const grown = at.scale / shot.at.scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = palette().sea;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.drawImage(
      shot.canvas,
      at.left - (shot.at.left + shot.margin) * grown, at.top - (shot.at.top + shot.margin) * grown,
      (this.width + 2 * shot.margin) * grown, (this.height + 2 * shot.margin) * grown,
    );
    this.drawOver(at);
    if (this.onpaint) this.onpaint(at.scale);
  }

  /** Whether the picture, moved and stretched, still fills the map and is not too blurred. */
  covers(at) {
    const { shot } = this;
    if (!shot) return false;
    const grown = at.scale / shot.at.scale;
    if (grown > 2 || grown < 0.55) return false;
    const left = at.left - (shot.at.left + shot.margin) * grown;
    const top = at.top - (shot.at.top + shot.margin) * grown;
    const slack = 2;
    return left <= slack && top <= slack
      && left + (this.width + 2 * shot.margin) * grown >= this.width - slack
      && top + (this.height + 2 * shot.margin) * grown >= this.height - slack;
  }

  /** Draw the ground, with a margin around what is in view, into the picture that `paint` shows. */
  render(at) {
    const margin = Math.round(Math.min(this.width, this.height) * 0.25);
    const canvas = this.shot ? this.shot.canvas : document.createElement("canvas");
    canvas.width = Math.round((this.width + 2 * margin) * this.ratio);
    canvas.height = Math.round((this.height + 2 * margin) * this.ratio);
    this.shot = { canvas, margin, at: { ...at } };
    this.drawGround(canvas.getContext("2d"), { scale: at.scale, left: at.left + margin, top: at.top + margin }, margin);
  }

  drawGround(context, { scale, left, top }, margin) {
    const { plan } = this;
    const colours = palette();
    const figure = state.colour === "area" ? null : plan.figures.get(state.colour);
    const differing = state.compare === "difference" && changed;
    context.fillStyle = colours.sea;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(scale * this.ratio, 0, 0, scale * this.ratio, left * this.ratio, top * this.ratio);
    context.lineJoin = "bevel";
    const pixel = 1 / scale;
    const seen = [-left / scale, -top / scale, (this.width + 2 * margin - left) / scale, (this.height + 2 * margin - top) / scale];
    const visible = (box) => box[0] <= seen[2] && box[2] >= seen[0] && box[1] <= seen[3] && box[3] >= seen[1];

    context.fillStyle = colours.same;
    for (const council of plan.loose) context.fill(council.path, "evenodd");
    const byArea = !differing && (!figure || figure.by === "area");
    for (const one of byArea ? plan.areas : councils) {
      if (!visible(one.box)) continue;
      if (differing) context.fillStyle = changed.is.has(one.number) ? colours.moved : colours.same;
      else context.fillStyle = figure ? classColour(figure, figure.values[one.number]) : one.colour;
      context.fill(one.path, "evenodd");
    }
    this.shadeBodies(context, colours, pixel, visible);
    const area = state.compare === "both" && plan !== shownPlan() ? null : chosenArea(plan);
    if (area && !differing) setApart(context, area, colours, seen);

    const stroke = (path, colour, width, alpha = 1, dash = []) => {
      context.globalAlpha = alpha;
      context.strokeStyle = colour;
      context.lineWidth = width * pixel;
      context.setLineDash(dash.map((length) => length * pixel));
      context.stroke(path);
      context.globalAlpha = 1;
      context.setLineDash([]);
    };
    if (state.councils) stroke(ground.councilLines, figure || differing ? colours.faint : "#ffffff", 0.7, 0.75);
    stroke(ground.coast, colours.edge, 0.8);
    stroke(plan.borders, differing ? colours.kept : colours.edge, figure || differing ? 1.7 : 1.3);
    if (differing) stroke(plans[1].borders, colours.moved2, 1.6, 1, [5, 3]);
    const layer = shownLayer();
    if (layer) {
      stroke(layerLines(layer), "#ffffff", 4, 0.75);
      stroke(layerLines(layer), layer.colour, 2.2);
    }

    if (area) stroke(area.path, colours.chosen, 3);
    const other = state.compare === "both" && plan !== shownPlan() ? chosenArea() : null;
    if (other) stroke(other.path, colours.chosen, 3, 1, [7, 4]);
    const body = chosenBody();
    if (body) {
      stroke(bodyShape(layer, body).path, "#ffffff", 7, 0.9);
      stroke(body.path, layer.colour, 4);
    }
    if (state.names) drawNames(this, context, { scale, left, top, margin });
  }

  /** Draw what changes while the pointer moves: outlines of what is pointed at or searched, and the cross. */
  drawOver({ scale, left, top }) {
    const { context } = this;
    const colours = palette();
    context.setTransform(scale * this.ratio, 0, 0, scale * this.ratio, left * this.ratio, top * this.ratio);
    context.lineJoin = "bevel";
    context.strokeStyle = colours.chosen;
    for (const [place, width] of [[this.over, 2], [chosenCouncil(), 3]]) {
      if (!place) continue;
      context.lineWidth = width / scale;
      context.stroke(place.path);
    }
    if (this.focused) this.drawCross();
  }

  /** Shade the bodies of the layer that the plan cuts, and only those. */
  shadeBodies(context, colours, pixel, visible) {
    const layer = shownLayer();
    if (!layer || !state.cut || state.compare === "difference") return;
    context.fillStyle = hatching(context, layer.colour, pixel);
    for (const { body, cut } of cutsOf(this.plan, layer)) {
      if (!cut) continue;
      bodyShape(layer, body);
      if (visible(body.box)) context.fill(body.path, "evenodd");
    }
  }

  drawCross() {
    const { context } = this;
    const [x, y] = this.cross();
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    for (const [colour, width] of [["#ffffff", 5], ["#17202c", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * 4, y + dy * 4);
        context.lineTo(x + dx * 14, y + dy * 14);
      }
      context.stroke();
    }
  }

  cross() {
    return [this.width / 2, this.height / 2];
  }

  // Moving about.

  panBy(dx, dy) {
    const { scale } = this.placement();
    view.x -= dx / scale / ground.width;
    view.y -= dy / scale / ground.height;
    moved();
  }

  zoomAt(factor, x = this.width / 2, y = this.height / 2) {
    const [gx, gy] = this.toGround(x, y);
    view.zoom = Math.min(Math.max(view.zoom * factor, 0.8), MOST_ZOOM);
    const [nx, ny] = this.toGround(x, y);
    view.x += (gx - nx) / ground.width;
    view.y += (gy - ny) / ground.height;
    moved();
  }

  /** Bring a box of the ground into view. */
  showBox(box, most = 12) {
    const now = this.placement();
    const fit = now.scale / view.zoom;
    const zoom = Math.min((this.width * 0.62) / ((box[2] - box[0]) * fit || 1), (this.height * 0.62) / ((box[3] - box[1]) * fit || 1), most);
    glide({ x: (box[0] + box[2]) / 2 / ground.width, y: (box[1] + box[3]) / 2 / ground.height, zoom: Math.max(zoom, 1) });
  }

  listen() {
    const { canvas, pointers } = this;
    const at = (event) => {
      const frame = canvas.getBoundingClientRect();
      return [event.clientX - frame.left, event.clientY - frame.top];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, at(event));
      this.began = at(event);
      this.dragged = pointers.size > 1;
      stopGlide();
    });
    canvas.addEventListener("pointermove", (event) => {
      const place = at(event);
      if (!pointers.has(event.pointerId)) {
        this.hover(place);
        return;
      }
      const before = pointers.get(event.pointerId);
      pointers.set(event.pointerId, place);
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
        const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
        this.zoomAt(apart(place) / Math.max(apart(before), 1), (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
        this.panBy((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
        this.dragged = true;
      } else {
        if (Math.hypot(place[0] - this.began[0], place[1] - this.began[1]) > 4) this.dragged = true;
        if (this.dragged) this.panBy(place[0] - before[0], place[1] - before[1]);
      }
    });
    const end = (event) => {
      if (!pointers.delete(event.pointerId) || pointers.size) return;
      if (!this.dragged && event.type === "pointerup") this.choose(at(event));
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => this.hover(null));
    canvas.addEventListener("dblclick", (event) => {
      event.preventDefault();
      this.zoomAt(2, ...at(event));
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      stopGlide();
      const lines = event.deltaMode === 1 ? 33 : 1;
      this.zoomAt(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * (event.ctrlKey ? 0.008 : 0.0022)), ...at(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => {
      this.focused = canvas.matches(":focus-visible");
      if (this.focused) this.sayMiddle();
      this.ask();
    });
    canvas.addEventListener("blur", () => {
      this.focused = false;
      this.over = null;
      this.ask();
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 180 : 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) this.panBy(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomAt(1.5);
    else if (event.key === "-" || event.key === "_") this.zoomAt(1 / 1.5);
    else if (event.key === "0") showAll();
    else if (event.key === "Enter" || event.key === " ") this.choose(this.cross());
    else if (event.key === "Escape") chooseArea(null);
    else return;
    event.preventDefault();
    this.focused = true;
    this.sayMiddle();
  }

  choose(place) {
    const council = councilAt(...this.toGround(...place));
    const area = council ? this.plan.areaFor(council) : null;
    const more = state.compare === "both" ? { plan: String(this.plan.number) } : {};
    if (!area || area.number < 0 || (area.code === state.area && this.plan === shownPlan())) chooseArea(null, { ...more, tab: state.tab === "area" ? "areas" : state.tab });
    else chooseArea(area, more);
  }

  hover(place) {
    const council = place ? councilAt(...this.toGround(...place)) : null;
    if (council !== this.over) {
      this.over = council;
      this.ask();
    }
    showTip(this, council, place);
  }

  /** Tell what lies under the cross, to the eye and to a screen reader. */
  sayMiddle() {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      const council = councilAt(...this.toGround(...this.cross()));
      this.over = council;
      this.ask();
      showTip(this, council, council ? this.cross() : null);
      say(council ? describe(this.plan, council) : "Sea");
    }, 120);
  }
}

/** Pale everything but the chosen area. */
function setApart(context, area, colours, seen) {
  const all = new Path2D();
  all.rect(seen[0], seen[1], seen[2] - seen[0], seen[3] - seen[1]);
  all.addPath(area.path);
  context.fillStyle = colours.veil;
  context.fill(all, "evenodd");
}

// All maps move as one.

let maps = [];
function moved() {
  for (const map of maps) map.shift();
  keepView();
}

let gliding = 0;
function stopGlide() {
  cancelAnimationFrame(gliding);
}
function glide(target) {
  stopGlide();
  const from = { ...view };
  const began = performance.now();
  const step = (now) => {
    const part = calm.matches ? 1 : Math.min((now - began) / 320, 1);
    const eased = 1 - (1 - part) ** 3;
    view.zoom = from.zoom * (target.zoom / from.zoom) ** eased;
    view.x = from.x + (target.x - from.x) * eased;
    view.y = from.y + (target.y - from.y) * eased;
    moved();
    if (part < 1) gliding = requestAnimationFrame(step);
  };
  gliding = requestAnimationFrame(step);
}
const showAll = () => glide({ x: 0.5, y: 0.5, zoom: 1 });

function classColour(figure, value) {
  if (value === null) return "#c8c8c8";
  let place = -1;
  for (const edge of figure.edges) if (value >= edge) place += 1;
  return figure.colours[Math.min(Math.max(place, 0), figure.colours.length - 1)];
}

/** Slanting lines, as dense at every zoom. */
const hatches = new Map();
function hatching(context, colour, pixel) {
  if (!hatches.has(colour)) {
    const tile = document.createElement("canvas");
    tile.width = 16;
    tile.height = 16;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 3;
    for (const shift of [-16, 0, 16]) {
      pen.beginPath();
      pen.moveTo(shift - 2, 18);
      pen.lineTo(shift + 18, -2);
      pen.stroke();
    }
    hatches.set(colour, context.createPattern(tile, "repeat"));
  }
  const pattern = hatches.get(colour);
  pattern.setTransform(new DOMMatrix().scale(pixel / 2, pixel / 2));
  return pattern;
}

function palette() {
  const dark = document.documentElement.dataset.theme === "dark";
  return {
    sea: dark ? "#0d1219" : "#eef2f6",
    edge: dark ? "#0d1219" : "#333d4a",
    faint: dark ? "#00000055" : "#5b667588",
    chosen: dark ? "#ffffff" : "#0e1620",
    veil: dark ? "rgb(13 18 25 / .5)" : "rgb(238 242 246 / .55)",
    same: dark ? "#3a4552" : "#dfe5eb",
    moved: "#f2a65a",
    kept: dark ? "#e6edf5" : "#17202c",
    moved2: dark ? "#ffd9a8" : "#a8480b",
  };
}
