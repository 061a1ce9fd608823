// Put the page together, and keep it in step with the state.

let pointed = null;
/** Outline an area or council on the maps while the pointer is on its name. */
function pointAt(place) {
  pointed = place;
  for (const map of maps) {
    map.over = pointed;
    map.ask();
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  for (const map of maps) map.draw();
  if (ground) drawLegend();
}

function drawMaps() {
  const wanted = state.compare === "both" ? plans : [shownPlan()];
  if (maps.length !== wanted.length || maps.some((map, number) => map.plan !== wanted[number])) {
    by("maps").replaceChildren();
    by("maps").classList.toggle("upright", ground.height > ground.width);
    maps = [];
    maps = wanted.map((plan) => new MapView(plan, by("maps")));
    maps[0].onpaint = drawScale;
    by("stage").classList.toggle("two", maps.length > 1);
  }
  wanted.forEach((plan, number) => {
    const map = maps[number];
    const title = { both: `${number + 1}: ${plan.name}`, difference: `${plans[0].name} against ${plans.at(-1).name}` }[state.compare];
    map.title.hidden = !title;
    map.title.textContent = title || "";
    map.canvas.setAttribute("aria-label", `Map of ${plan.areas.length} areas, plan ${plan.name}`);
    map.draw();
  });
}

function drawHead() {
  const plan = shownPlan();
  const all = ["both", "difference"].includes(state.compare) ? plans : [plan];
  const proven = all.every((one) => one.proven);
  const names = all.map((one) => one.name).join(" and ");
  by("title").textContent = all.length > 1 ? `${data.title}: two plans` : `${data.title}: ${plural(plan.areas.length, "area")}`;
  by("badge").textContent = proven ? "Proven best" : "Not proven";
  by("badge").dataset.kind = proven ? "proven" : "open";
  by("summary").textContent = all.map((one, number) => (all.length > 1 ? `${number + 1}: ${one.summary}` : one.summary)).join("; ");
  by("check").textContent = all.find((one) => one.check)?.check ?? "";
  by("summary").parentElement.dataset.scenario = names;
  by("scenario-name").textContent = names;
}

function fill(select, options) {
  select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
}

function drawChoices() {
  by("colour").value = state.colour;
  by("layer").value = state.layer;
  by("compare").value = state.compare;
  for (const key of ["councils", "names", "cut"]) by(key).checked = state[key];
  by("cut").disabled = !state.layer || state.compare === "difference";
  by("colour").disabled = state.compare === "difference";
}

function listenChoices() {
  fill(by("colour"), [["area", "Area"], ...[...plans[0].figures.values()].map((figure) => [figure.key, figure.title])]);
  fill(by("layer"), [["", "No layer"], ...layers.map((layer) => [layer.key, layer.title])]);
  if (plans.length > 1) {
    fill(by("compare"), [["one", plans[0].name], ["other", plans[1].name], ["both", "Side by side"], ["difference", "Difference"]]);
    by("compare-choice").hidden = false;
  }
  by("choices").addEventListener("submit", (event) => event.preventDefault());
  by("colour").addEventListener("change", () => set({ colour: by("colour").value }));
  by("layer").addEventListener("change", () => set({ layer: by("layer").value, body: null, tab: by("layer").value ? state.tab : state.tab === "bodies" ? "areas" : state.tab }));
  by("compare").addEventListener("change", () => {
    const compare = by("compare").value;
    set({ compare, area: null, plan: "0", tab: compare === "difference" ? "changes" : "areas" });
  });
  for (const key of ["councils", "names", "cut"]) by(key).addEventListener("change", () => set({ [key]: by(key).checked }));
}

function update(keys) {
  const touched = (...names) => !keys || names.some((name) => keys.has(name));
  if (touched("compare", "plan")) drawHead();
  drawChoices();
  if (touched("area", "layer", "compare", "plan", "tab")) drawTabs();
  if (touched("area", "layer", "compare", "plan", "tab", "colour", "sort", "body", "council")) drawSheet();
  if (touched("area", "tab")) by("panel-start").scrollTop = 0;
  if (!ground) return;
  if (keys?.has("view")) readView();
  drawMaps();
  if (touched("colour", "layer", "compare", "plan", "cut")) {
    drawLegend();
    placeLegend();
  }
}

function begin() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  by("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  by("attribution").textContent = data.attribution;
  if (matchMedia("(max-width: 820px)").matches) by("legend").open = false;
  by("zoom-in").addEventListener("click", () => maps[0].zoomAt(1.6));
  by("zoom-out").addEventListener("click", () => maps[0].zoomAt(1 / 1.6));
  by("zoom-all").addEventListener("click", showAll);
  document.querySelector("[data-skip]").addEventListener("click", (event) => {
    event.preventDefault();
    by("panel-start").focus();
  });
  if (!ground) by("stage").replaceChildren(make("p", { class: "sheet note" }, "This geography has no shapes, so there is no map; the table tells the plan."));
  listenChoices();
  listenTabs();
  if (ground) listenSearch();
  watchers.push(update);
  if (ground) readView();
  update(null);
}

begin();
