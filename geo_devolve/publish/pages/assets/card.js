// An area's card: its people, needs, councils, and how the bodies of each layer fit it.

function cardSheet() {
  const plan = shownPlan();
  const area = chosenArea();
  if (!area) return make("div", { class: "sheet" }, make("p", { class: "note" }, "Choose an area on the map or in the table."));
  const next = (step) => plan.areas[(area.number + step + plan.areas.length) % plan.areas.length];
  const sheet = make("article", { class: "sheet", "aria-label": area.name },
    make("div", { class: "card-head" }, swatch(area.colour), make("h2", {}, area.name)),
    make("p", { class: "card-sub" }, `${area.code} of ${plan.name}`),
    make("div", { class: "buttons" },
      ground ? make("button", { type: "button", class: "button main", "data-key": "zoom", onclick: () => maps.forEach((map) => map.showBox(area.box)) }, "Zoom to area") : null,
      make("button", { type: "button", class: "button", "data-key": "before", onclick: () => chooseArea(next(-1)) }, "Previous"),
      make("button", { type: "button", class: "button", "data-key": "after", onclick: () => chooseArea(next(1)) }, "Next"),
      make("button", { type: "button", class: "button", "data-key": "close", onclick: () => chooseArea(null) }, "Close")),
    make("dl", { class: "facts" }, ...[
      ["People", people(area.population)],
      ["Councils", people(area.councils.length)],
      ["Share of objective", share(plan, area)],
    ].map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
    area.ferry ? make("p", { class: "note" }, "Hangs together only by a ferry.") : null,
  );
  if (data.themes.length) {
    sheet.append(make("h3", {}, "Need"), ...data.themes.map((theme, number) => needBar(theme.title, area.needs[number], `${area.ranks[number]} of ${plan.areas.length}`)),
      make("p", { class: "note" }, "Standard deviations from the average of all councils, weighted by people; and the rank among the areas, 1 for the most need."));
  }
  sheet.append(make("h3", {}, `Its ${plural(area.councils.length, "council")}`), councilTable(area));
  if (layers.length) sheet.append(make("h3", {}, "How existing bodies fit"), ...layers.map((layer) => fitLine(area, layer)));
  if (area.neighbours.length) sheet.append(make("h3", {}, "Neighbours"), neighbourTable(plan, area));
  if (area.moves.length) {
    sheet.append(make("h3", {}, "What if a council moved?"), ...area.moves.map((move) => moveLine(plan, area, move)),
      make("p", { class: "note" }, "The moves that would cost least and keep every rule; the change is of the objective, less is better."));
  }
  return sheet;
}

function neighbourTable(plan, area) {
  return make("table", {}, make("tbody", {}, ...area.neighbours.map(([number, length, crossings]) => {
    const other = plan.areas[number];
    const how = [length ? `${decimal(length, 0)} km` : null, ...crossings].filter(Boolean).join(", ");
    return make("tr", {}, make("th", { scope: "row" }, areaButton(other, `beside-${other.code}`)), make("td", {}, how));
  })));
}

function areaButton(area, key) {
  return make("button", {
    type: "button", class: "pick", "data-key": key, onclick: () => chooseArea(area),
    onmouseenter: () => pointAt(area), onmouseleave: () => pointAt(null),
  }, swatch(area.colour), make("span", {}, area.name));
}

function moveLine(plan, area, [council, from, to, change, splits]) {
  const where = from === area.number ? `to ${plan.areas[to].name}` : `here from ${plan.areas[from].name}`;
  return make("div", { class: "fit move" }, make("b", {}, council), ` ${where}${splits ? ", splitting its block" : ""}`, make("span", {}, decimal(change, 4, true)));
}

function share(plan, area) {
  const total = plan.areas.reduce((sum, one) => sum + (one.objective || 0), 0);
  return area.objective === null || !total ? "–" : percent(area.objective / total);
}

function needBar(title, value, rank) {
  const reach = Math.min(Math.abs(value ?? 0) / 2.5, 1) * 50;
  const bar = make("i", { class: value < 0 ? "less" : "more", style: value < 0 ? { right: "50%", width: `${reach}%` } : { left: "50%", width: `${reach}%` } });
  return make("div", { class: "need" }, make("span", {}, title), make("span", { class: "bar", "aria-hidden": "true" }, bar), make("b", {}, decimal(value, 2, true)), make("small", {}, rank));
}

function councilTable(area) {
  const rows = [...area.councils].sort((a, b) => b.population - a.population);
  return make("table", {}, make("tbody", {}, ...rows.map((council) => make("tr", {},
    make("th", { scope: "row" }, make("button", {
      type: "button", class: "pick", "data-key": `council-${council.code}`, onclick: () => chooseCouncil(council, "area"),
      onmouseenter: () => pointAt(council), onmouseleave: () => pointAt(null),
    }, make("span", {}, council.name))),
    make("td", {}, people(council.population)),
    make("td", {}, percent(council.population / area.population))))));
}

function fitLine(area, layer) {
  const fits = fitOf(shownPlan(), area, layer);
  if (!fits.length) return make("div", { class: "fit" }, make("b", {}, layer.title), make("p", {}, "Nobody here lives in a body of this layer."));
  const [best] = fits;
  const wholly = fits.filter((fit) => fit.ofBody > 1 - 1e-9).length;
  const same = best.match > 1 - 1e-9;
  const chip = same ? make("span", { class: "chip whole" }, "the same place")
    : wholly === fits.length ? make("span", { class: "chip whole" }, wholly === 1 ? "whole" : `all ${wholly} whole`)
      : make("span", { class: "chip" }, `${fits.length - wholly} of ${fits.length} cut`);
  return make("div", { class: "fit" }, make("b", {}, layer.title), " ", chip,
    make("p", {}, "Nearest: ", make("button", {
      type: "button", class: "link", "data-key": `fit-${layer.key}`, onclick: () => chooseBody(layer, best.body, "area"),
    }, best.body.name), same ? "." : `, with ${percent(best.ofArea)} of the area’s people and ${percent(best.ofBody)} of its own here.`));
}

function chooseCouncil(council, tab) {
  const plan = shownPlan();
  const area = plan.areaFor(council);
  set({ council: council.code, area: tab === "changes" ? state.area : area.code || null, tab: tab || "area" });
  if (ground) maps.forEach((map) => map.showBox(council.box, 7));
  say(describe(plan, council));
}

function chooseBody(layer, body, tab) {
  set({ layer: layer.key, body: state.body === body.code && state.layer === layer.key ? null : body.code, tab: tab || "bodies" });
  if (ground && state.body && bodyShape(layer, body).box[0] < Infinity) maps.forEach((map) => map.showBox(body.box, 7));
}

/** Say a place in a sentence. */
function describe(plan, council) {
  const area = plan.areaFor(council);
  const needs = data.themes.map((theme, number) => `${theme.title.toLowerCase()} need ${decimal(area.needs[number], 1, true)}`);
  return `${council.name}, ${people(council.population)} people; area ${area.name}, ${people(area.population)} people${needs.length ? `, ${needs.join(", ")}` : ""}`;
}
