// Names on the map: the largest areas first, in the widest place of each, and never one over another.

const FACE = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

function drawNames(map, context, { scale, left, top, margin }) {
  const { plan } = map;
  const outside = (x, y) => x < 0 || y < 0 || x > map.width + 2 * margin || y > map.height + 2 * margin;
  const taken = [];
  context.setTransform(map.ratio, 0, 0, map.ratio, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const chosen = chosenArea(plan);
  const areas = [...plan.areas].sort((a, b) => (b === chosen) - (a === chosen) || b.spot.r - a.spot.r || a.number - b.number);
  for (const area of areas) {
    const x = area.spot.x * scale + left;
    const y = area.spot.y * scale + top;
    const r = area.spot.r * scale;
    if (outside(x, y) || r < 9) continue;
    const style = styleOf(Boolean(chosen) && area !== chosen);
    const named = [[Math.min(15, Math.max(11.5, r / 3.4)), 600, 3.8], [10.5, 500, 4.3]].some(([size, weight, reach]) => {
      context.font = `${weight} ${size}px ${FACE}`;
      const lines = broken(context, area.name, Math.max(r * 2.1, 58));
      const across = Math.max(...lines.map((line) => context.measureText(line).width));
      if (area !== chosen && (across > r * reach || lines.length * size * 1.15 > r * 2.9)) return false;
      return [y, y - r * 0.5, y + r * 0.5].some((place) => write(context, lines, x, place, size, across, taken, style));
    });
    if (named || r < 10 || area.code.length > 4) continue;
    context.font = `600 11px ${FACE}`;
    write(context, [area.code], x, y, 11, context.measureText(area.code).width, taken, style);
  }
  if (view.zoom < 3.2 || !state.councils) return;
  for (const council of councils) {
    const x = ((council.box[0] + council.box[2]) / 2) * scale + left;
    const y = ((council.box[1] + council.box[3]) / 2) * scale + top;
    if (outside(x, y)) continue;
    context.font = `400 11.5px ${FACE}`;
    const room = Math.min(council.box[2] - council.box[0], council.box[3] - council.box[1]) * scale;
    const lines = broken(context, council.name, Math.max(room * 0.8, 50));
    const across = Math.max(...lines.map((line) => context.measureText(line).width));
    if (across <= room && lines.length * 13 <= room * 0.8) write(context, lines, x, y, 11.5, across, taken, styleOf(Boolean(chosen)));
  }
}

/** Break a name into lines at its spaces. */
const brokenBefore = new Map();
function broken(context, name, most) {
  const key = `${context.font}|${Math.round(most / 6)}|${name}`;
  if (!brokenBefore.has(key)) {
    if (brokenBefore.size > 5000) brokenBefore.clear();
    const lines = [];
    for (const word of name.split(/\s+/)) {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && context.measureText(longer).width <= most) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    brokenBefore.set(key, lines);
  }
  return brokenBefore.get(key);
}

/** Ink, halo and strength of a name: dark on the tints, light on the dark page's greys, faint beside a chosen area. */
function styleOf(beside) {
  const dark = document.documentElement.dataset.theme === "dark";
  const onGrey = dark && (beside || state.compare === "difference");
  const halo = onGrey ? "rgb(13 18 25 / .6)" : `rgb(255 255 255 / ${state.colour === "area" ? 0.6 : 0.85})`;
  return { ink: onGrey ? "#ffffff" : "#17202c", halo, alpha: beside ? 0.7 : 1 };
}

function write(context, lines, x, y, size, across, taken, style) {
  const high = lines.length * size * 1.15;
  const box = [x - across / 2 - 3, y - high / 2 - 1, x + across / 2 + 3, y + high / 2 + 1];
  if (taken.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1])) return false;
  taken.push(box);
  context.globalAlpha = style.alpha;
  lines.forEach((line, number) => {
    const at = y + (number - (lines.length - 1) / 2) * size * 1.15;
    context.strokeStyle = style.halo;
    context.lineWidth = 3;
    context.strokeText(line, x, at);
    context.fillStyle = style.ink;
    context.fillText(line, x, at);
  });
  context.globalAlpha = 1;
  return true;
}
