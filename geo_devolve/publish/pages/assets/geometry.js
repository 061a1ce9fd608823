// Outlines from shared lines. An arc lies between two pieces; whatever is a union of pieces is bounded by the
// arcs that have it on one side only, so every outline on the page fits every other.

/** Decode the arcs and find which piece lies on each side of each. */
function readShapes(shapes) {
  const top = shapes.size[1];
  const arcs = shapes.arcs.map((steps) => {
    const points = new Float64Array(steps.length);
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      points[i] = x;
      points[i + 1] = top - y; // the page counts downwards
    }
    return points;
  });
  const left = new Int32Array(arcs.length).fill(-1);
  const right = new Int32Array(arcs.length).fill(-1);
  shapes.pieces.forEach((piece, number) => {
    for (const ring of piece.r) {
      for (const arc of ring) {
        if (arc >= 0) left[arc] = number;
        else right[~arc] = number;
      }
    }
  });
  return { arcs, left, right, width: shapes.size[0], height: top, metres: shapes.metres, origin: shapes.origin };
}

function nodeKey(x, y) {
  return x * 1048576 + y;
}

/** The outline of the pieces for which `inside` holds, as a path that can be filled. */
function outline(ground, inside) {
  const starts = new Map(); // from a point, the arcs that leave it with the inside on their left
  for (let arc = 0; arc < ground.arcs.length; arc += 1) {
    const onLeft = ground.left[arc] >= 0 && inside(ground.left[arc]);
    const onRight = ground.right[arc] >= 0 && inside(ground.right[arc]);
    if (onLeft === onRight) continue;
    const points = ground.arcs[arc];
    const at = onLeft ? 0 : points.length - 2;
    const key = nodeKey(points[at], points[at + 1]);
    if (!starts.has(key)) starts.set(key, []);
    starts.get(key).push(onLeft ? arc : ~arc);
  }
  const path = new Path2D();
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const waiting of starts.values()) {
    while (waiting.length) {
      let next = waiting;
      let first = true;
      while (next && next.length) {
        const arc = next.pop();
        const points = ground.arcs[arc >= 0 ? arc : ~arc];
        follow(path, points, arc >= 0, first, box);
        first = false;
        const end = arc >= 0 ? points.length - 2 : 0;
        next = starts.get(nodeKey(points[end], points[end + 1]));
      }
      path.closePath();
    }
  }
  return { path, box };
}

function follow(path, points, forward, first, box) {
  const step = forward ? 2 : -2;
  let at = forward ? 0 : points.length - 2;
  if (!first) at += step;
  for (; at >= 0 && at < points.length; at += step) {
    const x = points[at];
    const y = points[at + 1];
    if (first) path.moveTo(x, y);
    else path.lineTo(x, y);
    first = false;
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
}

/** The arcs for which `wanted(left piece, right piece)` holds, as a path to stroke; -1 is the sea. */
function lines(ground, wanted) {
  const path = new Path2D();
  for (let arc = 0; arc < ground.arcs.length; arc += 1) {
    if (!wanted(ground.left[arc], ground.right[arc])) continue;
    const points = ground.arcs[arc];
    path.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 2) path.lineTo(points[i], points[i + 1]);
  }
  return path;
}
