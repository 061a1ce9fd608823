// What is known: the data of the page, with the outlines and sums that follow from it.

const data = JSON.parse(document.getElementById("data").textContent);

const councils = data.councils.map(([code, name, population, needs], number) => ({
  number, code, name, population, needs,
}));

const layers = data.layers.map((layer, number) => {
  const bodies = layer.bodies.map(([code, name, population], at) => ({ number: at, code, name, population }));
  const people = []; // [council, body, persons]
  for (let i = 0; i < layer.people.length; i += 3) people.push(layer.people.slice(i, i + 3));
  return { number, key: layer.key, title: layer.title, colour: layer.colour, bodies, people };
});
const layerOf = new Map(layers.map((layer) => [layer.key, layer]));

const ground = data.shapes ? readShapes(data.shapes) : null;
const pieces = data.shapes ? data.shapes.pieces : [];

if (ground) {
  const of = councils.map(() => []);
  pieces.forEach((piece, number) => of[piece.c].push(number));
  for (const council of councils) {
    const own = new Set(of[council.number]);
    Object.assign(council, outline(ground, (piece) => own.has(piece)));
  }
  ground.councilLines = lines(ground, (a, b) => a >= 0 && b >= 0 && pieces[a].c !== pieces[b].c);
  ground.coast = lines(ground, (a, b) => a < 0 || b < 0);
}

/** What a council of no area says of its area. */
const nowhere = { number: -1, code: "", name: "No area", population: 0, needs: data.themes.map(() => null) };

const plans = data.plans.map((plan, number) => {
  const areas = plan.areas.map((area, at) => ({ ...area, number: at, councils: [] }));
  const areaFor = (council) => areas[plan.assignment[council.number]] || nowhere;
  for (const council of councils) areaFor(council).councils?.push(council);
  const areaOf = (piece) => plan.assignment[pieces[piece].c];
  if (ground) {
    for (const area of areas) {
      Object.assign(area, outline(ground, (piece) => areaOf(piece) === area.number));
      area.spot = {
        x: (area.anchor[0] - ground.origin[0]) / ground.metres,
        y: ground.height - (area.anchor[1] - ground.origin[1]) / ground.metres,
        r: area.anchor[2] / ground.metres,
      };
    }
  }
  return {
    ...plan, number, areas, areaFor,
    loose: councils.filter((council) => areaFor(council) === nowhere),
    figures: new Map(plan.figures.map((figure) => [figure.key, figure])),
    borders: ground ? lines(ground, (a, b) => a >= 0 && b >= 0 && areaOf(a) !== areaOf(b)) : null,
    cuts: new Map(),
  };
});

/** The outlines of a layer's bodies, made when first asked for; the coast divides no two bodies. */
function layerLines(layer) {
  if (!layer.lines) {
    const key = (piece) => (piece < 0 ? "" : pieces[piece].b[layer.number].join());
    layer.lines = lines(ground, (a, b) => a >= 0 && b >= 0 && key(a) !== key(b));
  }
  return layer.lines;
}

function bodyShape(layer, body) {
  if (!body.path) {
    Object.assign(body, outline(ground, (piece) => pieces[piece].b[layer.number].includes(body.number)));
  }
  return body;
}

/** Where each body's residents live, by area: the areas with most first, and the share outside the first. */
function cutsOf(plan, layer) {
  if (!plan.cuts.has(layer.key)) {
    const counts = layer.bodies.map(() => new Map());
    for (const [council, body, people] of layer.people) {
      const area = plan.assignment[council];
      counts[body].set(area, (counts[body].get(area) || 0) + people);
    }
    plan.cuts.set(layer.key, layer.bodies.map((body) => {
      const parts = [...counts[body.number]].map(([area, people]) => ({ area, people }))
        .sort((a, b) => b.people - a.people || a.area - b.area);
      const total = parts.reduce((sum, part) => sum + part.people, 0);
      return { body, parts, total, outside: total ? 1 - parts[0].people / total : 0, cut: parts.length > 1 };
    }));
  }
  return plan.cuts.get(layer.key);
}

/** How an area and the bodies of a layer fit: shares of the area and of the body, by Jaccard. */
function fitOf(plan, area, layer) {
  const found = [];
  for (const { body, parts, total } of cutsOf(plan, layer)) {
    const part = parts.find((one) => one.area === area.number);
    if (part) {
      const union = total + area.population - part.people;
      found.push({ body, ofBody: part.people / total, ofArea: part.people / area.population, match: part.people / union });
    }
  }
  return found.sort((a, b) => b.match - a.match || a.body.number - b.body.number);
}

/** The councils that change area from the first plan to the second. */
const changed = data.moved ? { moved: data.moved.map((number) => councils[number]), is: new Set(data.moved) } : null;

const sumOfPeople = councils.reduce((sum, council) => sum + council.population, 0);

// Figures as they are written everywhere on the page.
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const people = (value) => whole.format(value);
function decimal(value, decimals, signed = false) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const zero = Number(Math.abs(value).toFixed(decimals)) === 0;
  if (value < 0 && !zero) return `\u2212${text}`;
  return signed && !zero ? `+${text}` : text;
}
/** A share in per cent; never 0 or 100 where it is not. */
function percent(share) {
  if (share > 0.999 && share < 1) return "99.9%";
  if (share > 0 && share < 0.001) return "0.1%";
  return `${decimal(share * 100, share * 100 % 1 && share < 0.1 ? 1 : 0)}%`.replace(/^100%$/, share < 1 ? "99.9%" : "100%");
}
const plural = (count, word) => `${people(count)} ${count === 1 ? word : word === "body" ? "bodies" : `${word}s`}`;
