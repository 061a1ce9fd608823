// The panel: tabs with the table of areas, an area's card, the layer's bodies, what changed, and about.

/** Make an element. Text goes in as text, whatever it holds. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
const by = (id) => document.getElementById(id);
const swatch = (colour) => make("span", { class: "swatch", style: { background: colour }, "aria-hidden": "true" });

let saying = 0;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    by("said").textContent = text;
  }, 60);
}

// Tabs.

function tabsNow() {
  const layer = shownLayer();
  return [
    ["areas", "Areas"],
    ["area", "Area", Boolean(chosenArea())],
    ["bodies", "Cut bodies", Boolean(layer)],
    ["changes", "Changes", Boolean(changed)],
    ["about", "About"],
  ].filter(([, , there]) => there !== false);
}

function drawTabs() {
  const tabs = tabsNow();
  if (!tabs.some(([key]) => key === state.tab)) state.tab = "areas";
  const had = by("tabs").contains(document.activeElement);
  by("tabs").replaceChildren(...tabs.map(([key, title]) => make("button", {
    type: "button", role: "tab", id: `tab-${key}`, "aria-selected": String(state.tab === key),
    "aria-controls": "panel-start", tabindex: state.tab === key ? "0" : "-1",
    onclick: () => set({ tab: key }),
  }, title)));
  if (had) by(`tab-${state.tab}`).focus();
  const sheet = by("panel-start");
  sheet.setAttribute("role", "tabpanel");
  sheet.setAttribute("aria-labelledby", `tab-${state.tab}`);
}

function listenTabs() {
  by("tabs").addEventListener("keydown", (event) => {
    const tabs = tabsNow().map(([key]) => key);
    const at = tabs.indexOf(state.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set({ tab: tabs[(to + tabs.length) % tabs.length] });
    by(`tab-${state.tab}`).focus();
  });
}

function drawSheet() {
  const sheet = by("panel-start");
  const held = document.activeElement && sheet.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const draw = { areas: areasSheet, area: cardSheet, bodies: bodiesSheet, changes: changesSheet, about: aboutSheet }[state.tab];
  sheet.replaceChildren(draw());
  if (held) sheet.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
}

// Tables that sort.

/** A table: columns are {key, title, value, cell, text}; the order is kept under `kept` in the state. */
function sortable({ caption, columns, rows, kept, usualSort }) {
  const [key, down] = (kept.get() || usualSort).split("-");
  const column = columns.find((one) => one.key === key) || columns[0];
  const order = [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const less = typeof x === "string" ? x.localeCompare(y, "en") : (x ?? -Infinity) - (y ?? -Infinity);
    return down ? -less : less;
  });
  const head = columns.map((one) => {
    const sorted = one === column;
    const next = sorted ? (down ? one.key : `${one.key}-down`) : one.text ? one.key : `${one.key}-down`;
    return make("th", { scope: "col", "aria-sort": sorted ? (down ? "descending" : "ascending") : null },
      make("button", { type: "button", "data-key": `sort-${one.key}`, onclick: () => kept.set(next) }, one.title));
  });
  return make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...order.map((row) => make("tr", row.attributes ? row.attributes() : {},
      ...columns.map((one, number) => make(number ? "td" : "th", number ? {} : { scope: "row" }, one.cell(row)))))));
}

const sorts = {};
const keptSort = (name) => ({
  get: () => (name === "areas" ? state.sort : sorts[name]),
  set: (value) => {
    if (name === "areas") set({ sort: value });
    else {
      sorts[name] = value;
      drawSheet();
    }
  },
});

function areasSheet() {
  const plan = shownPlan();
  const figure = state.colour !== "area" ? plan.figures.get(state.colour) : null;
  const columns = [
    {
      key: "code", title: "Area", text: true, value: (area) => area.code,
      cell: (area) => make("button", {
        type: "button", class: "pick", "data-key": `area-${area.code}`,
        "aria-pressed": String(area.code === state.area),
        onclick: () => chooseArea(area), onmouseenter: () => pointAt(area), onmouseleave: () => pointAt(null),
      }, swatch(figure && figure.by === "area" ? classColour(figure, figure.values[area.number]) : area.colour),
      make("span", {}, area.name)),
    },
    { key: "people", title: "People", value: (area) => area.population, cell: (area) => people(area.population) },
    ...data.themes.map((theme, number) => ({
      key: `need${number}`, title: theme.title, value: (area) => area.needs[number], cell: (area) => decimal(area.needs[number], 2, true),
    })),
  ];
  if (figure && figure.by === "area" && figure.key !== "population") {
    columns.splice(2, 0, {
      key: "figure", title: figure.short, value: (area) => figure.values[area.number],
      cell: (area) => decimal(figure.values[area.number], figure.decimals),
    });
  }
  const rows = plan.areas.map((area) => ({ ...area, attributes: () => ({ "data-chosen": area.code === state.area }) }));
  const table = sortable({
    caption: "Needs in standard deviations from the average; more is more need.",
    columns, rows, kept: keptSort("areas"), usualSort: "code",
  });
  return make("div", { class: "sheet wide" }, table);
}

function bodiesSheet() {
  const plan = shownPlan();
  const layer = shownLayer();
  const all = cutsOf(plan, layer);
  const rows = all.filter((one) => one.cut);
  const name = (number) => (plan.areas[number] || nowhere).name;
  const columns = [
    {
      key: "name", title: "Body", text: true, value: (row) => row.body.name,
      cell: (row) => make("button", {
        type: "button", class: "pick", "data-key": `body-${row.body.code}`, "aria-pressed": String(row.body.code === state.body),
        onclick: () => chooseBody(layer, row.body),
      }, make("span", {}, row.body.name)),
    },
    {
      key: "areas", title: "Lies in", value: (row) => row.parts.length,
      cell: (row) => make("span", {}, ...row.parts.slice(0, 4).map((part) => make("small", {}, `${percent(part.people / row.total)} ${name(part.area)}`)),
        row.parts.length > 4 ? make("small", {}, `and ${row.parts.length - 4} more`) : null),
    },
    { key: "outside", title: "Outside the first", value: (row) => row.outside, cell: (row) => percent(row.outside) },
  ];
  const caption = `${layer.title}: the plan cuts ${rows.length} of ${plural(all.length, "body")}; the other ${all.length - rows.length} lie wholly in one area.`;
  const marked = rows.map((row) => ({ ...row, attributes: () => ({ "data-chosen": row.body.code === state.body }) }));
  return make("div", { class: "sheet wide" },
    sortable({ caption, columns, rows: marked, kept: keptSort("bodies"), usualSort: "outside-down" }));
}

function changesSheet() {
  const [one, other] = plans;
  const columns = [
    {
      key: "name", title: "Council", text: true, value: (council) => council.name,
      cell: (council) => make("button", {
        type: "button", class: "pick", "data-key": `council-${council.code}`, onclick: () => chooseCouncil(council, "changes"),
      }, make("span", {}, council.name)),
    },
    { key: "people", title: "People", value: (council) => council.population, cell: (council) => people(council.population) },
    {
      key: "from", title: one.name, text: true, value: (council) => one.areaFor(council).name, cell: (council) => one.areaFor(council).name,
    },
    {
      key: "to", title: other.name, text: true,
      value: (council) => other.areaFor(council).name, cell: (council) => other.areaFor(council).name,
    },
  ];
  const persons = changed.moved.reduce((sum, council) => sum + council.population, 0);
  const caption = `${plural(changed.moved.length, "council")} with ${people(persons)} people (${percent(persons / sumOfPeople)}) change area. Areas of the two plans are paired by the people they share.`;
  const rows = changed.moved.map((council) => ({ ...council, attributes: () => ({ "data-chosen": council.code === state.council }) }));
  return make("div", { class: "sheet wide" }, sortable({ caption, columns, rows, kept: keptSort("changes"), usualSort: "name" }));
}

function aboutSheet() {
  const plan = shownPlan();
  const terms = plan.scores.filter(([, , weight]) => weight !== null);
  const reported = plan.scores.filter(([title, , weight]) => weight === null && title !== "Objective");
  const total = plan.scores.find(([title]) => title === "Objective");
  const row = (tag, cells, attributes = {}) => make("tr", attributes, ...cells.map((cell, number) => make(number ? tag : "th", { scope: number ? null : tag === "th" ? "col" : "row" }, cell)));
  const sheet = make("div", { class: "sheet" },
    make("h3", {}, "What the plan is scored by"),
    make("table", {}, make("thead", {}, row("th", ["Term", "Value", "Weight", "Product"])), make("tbody", {},
      ...terms.map(([title, value, weight, share]) => row("td", [title, decimal(value, 4), decimal(weight, 2), decimal(share, 4)])),
      ...(total ? [row("td", ["Objective", "", "", decimal(total[1], 4)], { class: "sum" })] : []))),
    make("h3", {}, "Take it with you"),
    make("div", { class: "buttons" }, ...Object.keys(plan.files).map((name) => make("button", {
      type: "button", class: "button", "data-key": `file-${name}`, onclick: () => download(name, plan.files[name]),
    }, `Download ${name}`))),
  );
  if (plan.notes.length) {
    sheet.append(make("h3", {}, "What a reader should know"), make("ul", { class: "notes" }, ...plan.notes.map((note) => make("li", {}, note))));
  }
  if (reported.length) {
    sheet.append(make("h3", {}, "Also measured"), make("table", {}, make("tbody", {},
      ...reported.map(([title, value]) => row("td", [title, Math.abs(value) >= 1000 ? people(value) : decimal(value, Number.isInteger(value) ? 0 : 3)])))));
  }
  sheet.append(
    make("h3", {}, `Scenario ${plan.name}`), make("pre", { tabindex: "0", "aria-label": "Scenario" }, plan.scenario),
    make("h3", {}, "Made from"),
    make("ul", { class: "notes" }, ...Object.entries(plan.inputs).map(([name, hash]) => make("li", {}, `${name}, SHA-256 ${hash.slice(0, 16)}…`))),
    make("p", { class: "note" }, Object.entries(plan.software).map(([name, version]) => `${name} ${version}`).join(", ")),
  );
  return sheet;
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: name.endsWith(".csv") ? "text/csv" : "application/geo+json" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  say(`Downloaded ${name}`);
}
