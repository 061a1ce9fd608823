// What is shown: one object, kept in the address after #, so that a link shows the same thing.

const usual = {
  area: null, // code of the chosen area, of the first plan
  council: null, // code of a council that was searched
  body: null, // code of a chosen body of the layer
  colour: "area",
  layer: "",
  compare: "one", // "one", "other", "both", "difference"
  plan: "0", // side by side, the plan whose tables are shown
  councils: true,
  names: true,
  cut: true,
  tab: "areas",
  sort: "code",
  view: null, // middle of the map and zoom: "x,y,z" in thousandths of the ground's width and height
};

const state = { ...usual, ...readAddress() };
const watchers = [];

function readAddress() {
  const found = {};
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (!(key in usual)) continue;
    if (typeof usual[key] === "boolean") found[key] = value !== "0";
    else found[key] = value;
  }
  return sensible(found);
}

/** Leave out what this page does not know, such as an area of another plan. */
function sensible(found) {
  const drop = (key, known) => {
    if (key in found && !known) delete found[key];
  };
  drop("area", plans.some((plan) => plan.areas.some((area) => area.code === found.area)));
  drop("council", councils.some((council) => council.code === found.council));
  drop("colour", found.colour === "area" || plans[0].figures.has(found.colour));
  drop("layer", found.layer === "" || layerOf.has(found.layer));
  const layer = layerOf.get(found.layer);
  drop("body", layer && layer.bodies.some((body) => body.code === found.body));
  drop("compare", found.compare === "one" || (plans.length > 1 && ["other", "both", "difference"].includes(found.compare)));
  drop("plan", found.plan === "0" || (found.plan === "1" && plans.length > 1));
  drop("tab", ["areas", "area", "bodies", "changes", "about"].includes(found.tab));
  drop("view", /^-?\d+(\.\d+)?,-?\d+(\.\d+)?,\d+(\.\d+)?$/.test(found.view || ""));
  return found;
}

/** Change what is shown; everything that watches is told what changed. */
function set(change) {
  const before = { ...state };
  Object.assign(state, change);
  const keys = Object.keys(change).filter((key) => before[key] !== state[key]);
  if (!keys.length) return;
  writeAddress();
  for (const watcher of watchers) watcher(new Set(keys));
}

let writing = 0;
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const address = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      if (value === usual[key] || value === null) continue;
      address.set(key, typeof value === "boolean" ? (value ? "1" : "0") : value);
    }
    const text = address.toString().replace(/%2C/g, ",");
    if (text === location.hash.slice(1)) return;
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      location.hash = text; // a page shown inside another may not write its history
    }
  }, 150);
}

addEventListener("hashchange", () => {
  const found = { ...usual, ...readAddress() };
  if (!found.view) delete found.view;
  set(found);
});

/** The plan that the single map and the tables show. */
function shownPlan() {
  if (state.compare === "both") return plans[Number(state.plan)];
  return plans[state.compare === "other" ? 1 : 0];
}
const shownLayer = () => layerOf.get(state.layer) || null;
const chosenArea = (plan = shownPlan()) => plan.areas.find((area) => area.code === state.area) || null;
const chosenCouncil = () => councils.find((council) => council.code === state.council) || null;
const chosenBody = () => (shownLayer() ? shownLayer().bodies.find((body) => body.code === state.body) || null : null);

function chooseArea(area, more = {}) {
  set({ area: area ? area.code : null, council: null, tab: area ? "area" : "areas", ...more });
}
