// The key, the scale bar and the tip that follows the pointer.

function drawLegend() {
  const plan = shownPlan();
  const figure = state.colour === "area" ? null : plan.figures.get(state.colour);
  const layer = shownLayer();
  const colours = palette();
  const row = (mark, text) => make("li", {}, mark, make("span", {}, text));
  const rows = [];
  let title = "Areas";
  let unit = "Colours only tell neighbours apart.";
  if (state.compare === "difference") {
    title = "What changes";
    unit = "";
    rows.push(row(swatch(colours.moved), "Changes area"), row(swatch(colours.same), "Stays"),
      row(stroke(colours.kept), `Borders of ${plans[0].name}`), row(stroke(colours.moved2, "dashed"), `Borders of ${plans[1].name}`));
  } else if (figure) {
    title = figure.title;
    unit = figure.unit;
    const last = figure.colours.length - 1;
    const written = (value) => decimal(value, figure.decimals);
    figure.colours.forEach((colour, number) => {
      const [low, high] = [figure.edges[number], figure.edges[number + 1]];
      const open = Math.max(...figure.values.filter((value) => value !== null)) > figure.edges[last + 1];
      const under = Math.min(...figure.values.filter((value) => value !== null)) < figure.edges[0];
      const text = number === last && open ? `${written(low)} and more` : number === 0 && under ? `less than ${written(high)}` : `${written(low)} to ${written(high)}`;
      rows.unshift(row(swatch(colour), text));
    });
  }
  if (layer) {
    rows.push(row(stroke(layer.colour), layer.title));
    if (state.cut && state.compare !== "difference") {
      const cut = cutsOf(plan, layer).filter((one) => one.cut).length;
      rows.push(row(hatchSwatch(layer.colour), `${cut} of ${layer.bodies.length} cut by the plan`));
    }
  }
  by("legend-title").textContent = title;
  by("legend-body").replaceChildren(...(unit ? [make("p", { class: "unit" }, unit)] : []), ...(rows.length ? [make("ul", {}, ...rows)] : []));
}

const stroke = (colour, style = "solid") => make("span", { class: "stroke", style: { borderTopColor: colour, borderTopStyle: style }, "aria-hidden": "true" });
const hatchSwatch = (colour) => make("span", {
  class: "swatch", "aria-hidden": "true",
  style: { background: `repeating-linear-gradient(135deg, ${colour} 0 2px, #ffffff 2px 6px)` },
});

/** Put the key into the corner where it hides least of the land, when all of it is in view. */
function placeLegend() {
  const legend = by("legend");
  const stage = by("stage").getBoundingClientRect();
  const { scale, left, top } = maps[0].placement({ x: 0.5, y: 0.5, zoom: 1 });
  const hidden = (corner) => {
    legend.dataset.corner = corner;
    const box = legend.getBoundingClientRect();
    const [x, y] = [box.left - stage.left - left, box.top - stage.top - top].map((edge) => edge / scale);
    const [right, bottom] = [x + box.width / scale, y + box.height / scale];
    return councils.filter(({ box: b }) => b[0] < right && b[2] > x && b[1] < bottom && b[3] > y).length;
  };
  const titled = ["both", "difference"].includes(state.compare); // titles stand at the bottom
  const corners = (titled ? ["top-left", "top-right"] : ["bottom-left", "top-left", "top-right"]).map((corner) => [hidden(corner), corner]);
  legend.dataset.corner = corners.reduce((best, one) => (one[0] < best[0] ? one : best))[1];
}

/** A bar of a round length at the map's scale. */
function drawScale(scale) {
  const metresAPixel = ground.metres / scale;
  const most = 110 * metresAPixel;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
  const bar = by("scale").firstElementChild;
  bar.style.width = `${Math.round(length / metresAPixel)}px`;
  bar.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
}

function showTip(map, council, place) {
  const tip = by("tip");
  tip.hidden = !council || !place;
  if (tip.hidden) return;
  const { plan } = map;
  const area = plan.areaFor(council);
  const figure = plan.figures.get(state.colour);
  const rows = [["People", people(area.population)]];
  data.themes.forEach((theme, number) => rows.push([`Need: ${theme.title.toLowerCase()}`, decimal(area.needs[number], 2, true)]));
  if (figure && figure.key !== "population") {
    const own = figure.by === "council";
    const theme = data.themes.findIndex((one) => one.key === figure.key);
    if (own) rows.push([theme < 0 ? figure.title : `${council.name}: ${data.themes[theme].title.toLowerCase()}`, decimal(figure.values[council.number], 2, theme >= 0)]);
    else rows.push([figure.title, decimal(figure.values[area.number], figure.decimals)]);
  }
  const parts = [make("b", {}, area.name), make("span", { class: "soft" }, `${council.name}, ${people(council.population)} people`)];
  const layer = shownLayer();
  if (layer) {
    const bodies = layer.people.filter(([one]) => one === council.number).sort((a, b) => b[2] - a[2]).map(([, body]) => layer.bodies[body].name);
    parts.push(make("div", { class: "soft" }, `${layer.title}: ${bodies.slice(0, 3).join("; ") || "none"}${bodies.length > 3 ? ` and ${bodies.length - 3} more` : ""}`));
  }
  tip.replaceChildren(...parts, make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
  const stage = by("stage").getBoundingClientRect();
  const frame = map.host.getBoundingClientRect();
  const [x, y] = [place[0] + frame.left - stage.left, place[1] + frame.top - stage.top];
  const right = x + 18 + tip.offsetWidth < stage.width;
  const below = y + 18 + tip.offsetHeight < stage.height;
  tip.style.transform = `translate(${right ? x + 16 : Math.max(4, x - 16 - tip.offsetWidth)}px, ${below ? y + 16 : Math.max(4, y - 16 - tip.offsetHeight)}px)`;
}
