"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const { councils, criteria, plans, tints } = data;
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const front = new Set(data.front);
const marks = new Map(data.marks.map(([label, text]) => [text, label]));
const AT_ONCE = 24;
const HEAD = 46, FOOT = 26, SIDE = 70;

const make = (name, attributes, parent, space) => {
  const node = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "text") node.textContent = value; else node.setAttribute(key, value);
  }
  if (parent) parent.append(node);
  return node;
};
const figure = (value) => value === null ? "–" : Number.isInteger(value) || Math.abs(value) >= 1000
  ? Math.round(value).toLocaleString("en-GB") : String(Number(value.toPrecision(4)));

// ---- what the criteria span, and what is kept of them
const ends = criteria.map((_, c) => {
  let low = Infinity, high = -Infinity;
  for (const plan of plans) {
    const value = plan[c + 1];
    if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
  }
  return low <= high ? [low, high] : [0, 0];
});
const kept = criteria.map(() => null);
const state = { onlyFront: false, sort: 0, shown: AT_ONCE };
const passes = (at) => (!state.onlyFront || front.has(at)) && kept.every((range, c) => {
  const value = plans[at][c + 1];
  return range === null || (value !== null && value >= range[0] && value <= range[1]);
});

// ---- colours: an area keeps the colour of the area of the first proposal that it shares most people with
const guide = data.marks.length ? data.marks[0][1] : plans.length ? plans[0][0] : "";
const groups = (text) => {
  const found = new Map();
  [...text].forEach((letter, council) => {
    if (!found.has(letter)) found.set(letter, []);
    found.get(letter).push(council);
  });
  return found;
};
const guided = [...groups(guide).keys()];
const coloured = (text) => {
  const areas = groups(text), pairs = [], colour = new Map(), used = new Set();
  for (const [letter, members] of areas) {
    const people = new Map();
    for (const council of members) people.set(guide[council], (people.get(guide[council]) || 0) + councils[council][2]);
    for (const [other, many] of people) pairs.push([many, letter, guided.indexOf(other)]);
  }
  pairs.sort((a, b) => b[0] - a[0] || a[2] - b[2]);
  for (const [, letter, number] of pairs) {
    if (!colour.has(letter) && !used.has(number)) { colour.set(letter, number); used.add(number); }
  }
  let next = 0;
  for (const letter of areas.keys()) {
    if (!colour.has(letter)) { while (used.has(next)) next += 1; colour.set(letter, next); used.add(next); }
  }
  return (letter) => tints[colour.get(letter) % tints.length];
};

// ---- maps
const drawMap = (text, label) => {
  if (!data.map) return null;
  const svg = make("svg", { viewBox: `-8 -8 ${data.map.width + 16} ${data.map.height + 16}`, role: "img", "aria-label": label }, null, SVG);
  const colour = coloured(text);
  data.map.paths.forEach((path, council) => {
    const fill = colour(text[council]);
    const shape = make("path", { d: path, fill, stroke: "#26303d", "stroke-width": 2, "stroke-opacity": 0.35, "vector-effect": "non-scaling-stroke" }, svg, SVG);
    make("title", { text: councils[council][1] }, shape, SVG);
  });
  return svg;
};
const countOf = (text) => new Set(text).size;
const named = (at) => marks.get(plans[at][0]) || `${countOf(plans[at][0])} areas, ${plans[at][0]}`;

// ---- the lines
const canvas = byId("canvas"), axes = byId("axes");
let width = 0, height = 0;
const across = (c) => criteria.length < 2 ? width / 2 : SIDE + c * (width - 2 * SIDE) / (criteria.length - 1);
const up = (c, value) => {
  const [low, high] = ends[c];
  const share = high > low ? (value - low) / (high - low) : 0.5;
  const better = criteria[c].better === "more" ? share : 1 - share;
  return HEAD + (1 - better) * (height - HEAD - FOOT);
};
const valueAt = (c, y) => {
  const better = 1 - Math.min(1, Math.max(0, (y - HEAD) / (height - HEAD - FOOT)));
  const share = criteria[c].better === "more" ? better : 1 - better;
  return ends[c][0] + share * (ends[c][1] - ends[c][0]);
};
const drawLines = (chosen) => {
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale; canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const stroke = (at, colour, wide) => {
    pen.strokeStyle = colour; pen.lineWidth = wide; pen.beginPath();
    criteria.forEach((_, c) => {
      const value = plans[at][c + 1];
      if (value !== null) pen.lineTo(across(c), up(c, value));
    });
    pen.stroke();
  };
  const inside = new Set(chosen);
  plans.forEach((_, at) => { if (!inside.has(at)) stroke(at, "rgba(120,130,145,.10)", 1); });
  chosen.forEach((at) => { if (!front.has(at)) stroke(at, "rgba(60,80,110,.28)", 1); });
  chosen.forEach((at) => { if (front.has(at)) stroke(at, front.size > 100 ? "rgba(11,92,173,.25)" : "rgba(11,92,173,.65)", 1.2); });
  plans.forEach((plan, at) => { if (marks.has(plan[0])) stroke(at, "#b3261e", 3.5); });
};
const drawAxes = () => {
  axes.replaceChildren();
  criteria.forEach((criterion, c) => {
    const group = make("g", { class: "axis", "data-criterion": criterion.name }, axes, SVG);
    const x = across(c);
    make("line", { x1: x, x2: x, y1: HEAD, y2: height - FOOT }, group, SVG);
    const words = criterion.title.length > 28 ? `${criterion.title.slice(0, 27)}…` : criterion.title;
    const end = c === 0 && criteria.length > 1 ? "start" : c > 0 && c === criteria.length - 1 ? "end" : "middle";
    const title = make("text", { x: x + { start: -SIDE + 4, middle: 0, end: SIDE - 4 }[end], y: 14, "text-anchor": end, text: words }, group, SVG);
    make("title", { text: criterion.title }, title, SVG);
    const most = criterion.better === "more";
    make("text", { x, y: HEAD - 8, "text-anchor": "middle", text: figure(ends[c][most ? 1 : 0]) }, group, SVG);
    make("text", { x, y: height - 8, "text-anchor": "middle", text: figure(ends[c][most ? 0 : 1]) }, group, SVG);
    if (kept[c]) {
      const edges = kept[c].map((value) => up(c, value)).sort((a, b) => a - b);
      make("rect", { class: "brush", x: x - 9, width: 18, y: edges[0], height: Math.max(2, edges[1] - edges[0]) }, group, SVG);
    }
    const hit = make("rect", { class: "hit", x: x - 18, width: 36, y: HEAD - 6, height: height - HEAD - FOOT + 12 }, group, SVG);
    hit.addEventListener("pointerdown", (event) => brush(event, c));
  });
};
const brush = (event, c) => {
  event.preventDefault();
  const top = axes.getBoundingClientRect().top, start = event.clientY - top;
  const move = (now) => {
    const y = now.clientY - top;
    kept[c] = Math.abs(y - start) < 4 ? null : [valueAt(c, start), valueAt(c, y)].sort((a, b) => a - b);
    update();
  };
  const stop = () => { window.removeEventListener("pointermove", move); window.removeEventListener("pointerup", stop); };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", stop);
  kept[c] = null;
  update();
};

// ---- the same by numbers, for hands without a mouse
const inputs = criteria.map((criterion, c) => {
  const set = make("fieldset", {}, byId("ranges"));
  make("legend", { text: criterion.title }, set);
  return ["from", "to"].map((word, side) => {
    const input = make("input", { type: "number", step: "any", "aria-label": `${criterion.title}, ${word}`, placeholder: figure(ends[c][side]) }, set);
    input.addEventListener("change", () => {
      const value = input.value === "" ? ends[c][side] : Number(input.value);
      const range = kept[c] ? [...kept[c]] : [...ends[c]];
      range[side] = value;
      kept[c] = range[0] <= ends[c][0] && range[1] >= ends[c][1] ? null : range;
      update();
    });
    return input;
  });
});

// ---- what is left, as maps
const ordered = () => {
  const chosen = plans.map((_, at) => at).filter(passes);
  const sign = criteria[state.sort].better === "more" ? -1 : 1;
  const worth = (at) => plans[at][state.sort + 1] === null ? Infinity : sign * plans[at][state.sort + 1];
  return chosen.sort((a, b) => worth(a) - worth(b) || a - b);
};
const drawMaps = (chosen) => {
  const list = byId("maps");
  list.replaceChildren();
  const proposals = plans.map((_, at) => at).filter((at) => marks.has(plans[at][0]));
  const first = [...proposals, ...chosen.filter((at) => !marks.has(plans[at][0]))];
  for (const at of first.slice(0, state.shown)) {
    const text = plans[at][0];
    const button = make("button", { type: "button", class: marks.has(text) ? "marked" : "", "data-plan": text }, make("li", {}, list));
    const map = drawMap(text, named(at));
    if (map) button.append(map);
    if (marks.has(text)) make("div", { class: "badge", text: marks.get(text) }, button);
    if (front.has(at)) make("div", { class: "unbeaten", text: "beaten by no other" }, button);
    make("div", { text: `${countOf(text)} areas; ${criteria[state.sort].title} ${figure(plans[at][state.sort + 1])}` }, button);
    button.addEventListener("click", () => open(at));
  }
  byId("more").hidden = first.length <= state.shown;
  byId("left").textContent = `${chosen.length.toLocaleString("en-GB")} of ${plans.length.toLocaleString("en-GB")} plans kept`;
};

// ---- one option
const open = (at) => {
  const [text, ...values] = plans[at];
  const colour = coloured(text), body = byId("detail-body");
  byId("detail-title").textContent = named(at);
  body.replaceChildren();
  const map = drawMap(text, named(at));
  if (map) body.append(map);
  const areas = make("table", {}, body);
  make("caption", { text: "Its areas" }, areas);
  for (const [letter, members] of groups(text)) {
    const row = make("tr", {}, areas), cell = make("td", {}, row);
    const swatch = make("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, cell, SVG);
    make("rect", { width: 10, height: 10, rx: 2, fill: colour(letter) }, swatch, SVG);
    cell.append(members.map((council) => councils[council][1]).join(", "));
    make("td", { text: `${figure(members.reduce((sum, council) => sum + councils[council][2], 0))} people` }, row);
  }
  const figures = make("table", {}, body);
  make("caption", { text: "Its figures" }, figures);
  const head = make("tr", {}, figures);
  const proposals = plans.filter((plan) => marks.has(plan[0]) && plan[0] !== text);
  for (const word of ["criterion", "this plan", ...proposals.map((plan) => marks.get(plan[0]))]) make("th", { scope: "col", text: word }, head);
  criteria.forEach((criterion, c) => {
    const row = make("tr", {}, figures);
    for (const word of [criterion.title, figure(values[c]), ...proposals.map((plan) => figure(plan[c + 1]))]) make("td", { text: word }, row);
  });
  const links = make("p", {}, body);
  if (data.explorers[text]) make("a", { href: data.explorers[text], text: "Open in the explorer" }, links);
  links.append(" ");
  const quoted = (word) => `"${word.replaceAll('"', '""')}"`;
  const csv = ["council,name,area", ...[...text].map((letter, council) => [councils[council][0], quoted(councils[council][1]), letter].join(","))].join("\n");
  make("a", { href: `data:text/csv;charset=utf-8,${encodeURIComponent(`${csv}\n`)}`, download: `${text}.csv`, text: "Save as a table of councils" }, links);
  byId("detail").showModal();
};

const update = () => {
  const chosen = ordered();
  drawLines(chosen);
  drawAxes();
  drawMaps(chosen);
  inputs.forEach((pair, c) => pair.forEach((input, side) => {
    if (document.activeElement !== input) input.value = kept[c] ? Number(kept[c][side].toPrecision(7)) : "";
  }));
};
const fit = () => {
  const box = byId("lines").getBoundingClientRect();
  width = box.width; height = box.height;
  axes.setAttribute("viewBox", `0 0 ${width} ${height}`);
  update();
};

criteria.forEach((criterion, c) => make("option", { value: c, text: criterion.title }, byId("sort")));
byId("sort").addEventListener("change", (event) => { state.sort = Number(event.target.value); update(); });
byId("only-front").addEventListener("change", (event) => { state.onlyFront = event.target.checked; update(); });
byId("reset").addEventListener("click", () => { kept.fill(null); state.onlyFront = false; byId("only-front").checked = false; state.shown = AT_ONCE; update(); });
byId("more").addEventListener("click", () => { state.shown += AT_ONCE; update(); });
byId("close").addEventListener("click", () => byId("detail").close());
window.addEventListener("resize", fit);
fit();
})();
