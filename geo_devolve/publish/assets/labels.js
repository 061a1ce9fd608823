// Names on the map: the largest areas first, in the widest place of each, and never one over another.

const FACE = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

function drawNames(map, scale, left, top) {
  const { context, plan } = map;
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
    if (x < 0 || y < 0 || x > map.width || y > map.height || r < 9) continue;
    const size = Math.min(15, Math.max(11.5, r / 3.4));
    context.font = `600 ${size}px ${FACE}`;
    const lines = broken(context, area.name, Math.max(r * 2.1, 58));
    const pale = state.compare === "difference" || (Boolean(chosen) && area !== chosen);
    const across = Math.max(...lines.map((line) => context.measureText(line).width));
    const fits = across <= r * 3.8 && lines.length * size * 1.15 <= r * 2.8;
    const places = [y, y - r * 0.5, y + r * 0.5];
    const named = (fits || area === chosen) && places.some((place) => write(context, lines, x, place, size, across, taken, pale));
    if (!named && r > 10) write(context, [area.code], x, y, 11.5, context.measureText(area.code).width, taken, pale);
  }
  if (view.zoom < 3.2 || !state.councils) return;
  for (const council of councils) {
    const x = ((council.box[0] + council.box[2]) / 2) * scale + left;
    const y = ((council.box[1] + council.box[3]) / 2) * scale + top;
    if (x < 0 || y < 0 || x > map.width || y > map.height) continue;
    context.font = `400 11.5px ${FACE}`;
    const room = Math.min(council.box[2] - council.box[0], council.box[3] - council.box[1]) * scale;
    const lines = broken(context, council.name, Math.max(room * 0.8, 50));
    const across = Math.max(...lines.map((line) => context.measureText(line).width));
    if (across <= room && lines.length * 13 <= room * 0.8) write(context, lines, x, y, 11.5, across, taken);
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

const inkOfPale = () => (document.documentElement.dataset.theme === "dark" ? "#ffffff" : "#17202c");

function write(context, lines, x, y, size, across, taken, pale) {
  const high = lines.length * size * 1.15;
  const box = [x - across / 2 - 3, y - high / 2 - 1, x + across / 2 + 3, y + high / 2 + 1];
  if (taken.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1])) return false;
  taken.push(box);
  context.globalAlpha = pale ? (state.compare === "difference" ? 0.9 : 0.55) : 1;
  lines.forEach((line, number) => {
    const at = y + (number - (lines.length - 1) / 2) * size * 1.15;
    if (!pale) {
      context.strokeStyle = state.colour === "area" ? "rgb(255 255 255 / .6)" : "rgb(255 255 255 / .85)";
      context.lineWidth = 3;
      context.strokeText(line, x, at);
    }
    context.fillStyle = pale ? inkOfPale() : "#17202c";
    context.fillText(line, x, at);
  });
  context.globalAlpha = 1;
  return true;
}
