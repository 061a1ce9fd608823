// Search: areas, councils and the bodies of every layer by name or code.

const fold = (text) => text.toLocaleLowerCase("en").normalize("NFD").replace(/\p{M}/gu, "");

const places = [
  ...councils.map((council) => ({ name: council.name, code: council.code, kind: "Council", go: () => chooseCouncil(council, "area") })),
  ...layers.flatMap((layer) => layer.bodies.map((body) => ({
    name: body.name, code: body.code, kind: layer.title,
    go: () => {
      set({ body: null });
      chooseBody(layer, body, "bodies");
    },
  }))),
].map((place) => ({ ...place, folded: fold(place.name) }));

function search(text) {
  const wanted = fold(text.trim());
  if (!wanted) return [];
  const areas = shownPlan().areas.map((area) => ({
    name: area.name, code: area.code, kind: "Area", folded: fold(area.name),
    go: () => {
      chooseArea(area);
      if (ground) maps.forEach((map) => map.showBox(area.box));
    },
  }));
  const rank = (place) => {
    if (place.folded === wanted || fold(place.code) === wanted) return 0;
    if (place.folded.startsWith(wanted)) return 1;
    if (place.folded.split(/[\s,-]+/).some((word) => word.startsWith(wanted))) return 2;
    return place.folded.includes(wanted) ? 3 : 9;
  };
  return [...areas, ...places].map((place) => [rank(place), place]).filter(([one]) => one < 9)
    .sort((a, b) => a[0] - b[0] || a[1].name.localeCompare(b[1].name, "en")).slice(0, 12).map(([, place]) => place);
}

function listenSearch() {
  const field = by("search");
  const list = by("found");
  let found = [];
  let at = -1;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (to) => {
    at = found.length ? (to + found.length) % found.length : -1;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", `found-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const take = (place) => {
    field.value = place.name;
    close();
    place.go();
  };
  const show = () => {
    found = search(field.value);
    if (!field.value.trim()) return close();
    list.replaceChildren(...(found.length
      ? found.map((place, number) => make("li", {
        role: "option", id: `found-${number}`, "aria-selected": "false",
        onmousedown: (event) => event.preventDefault(), onclick: () => take(place),
      }, make("span", {}, place.name), make("span", { class: "kind" }, place.kind)))
      : [make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "none" }, "Nothing goes by this name or code")]));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
    say(found.length ? `${found.length} found` : "Nothing found");
    return undefined;
  };
  field.addEventListener("input", show);
  field.addEventListener("focus", () => {
    field.select();
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (list.hidden) field.value = "";
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && found[at]) {
      event.preventDefault();
      take(found[at]);
    }
  });
}
