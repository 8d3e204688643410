// What the page can do beyond being read; it is whole without.

// Says which node (or sample) is under the pointer, or under the arrow keys.
document.querySelectorAll(".map").forEach((box) => {
  const svg = box.querySelector("svg");
  const said = box.querySelector("output");
  const one = box.dataset.one;
  const hint = `Point at a ${one}, or focus the map and go from ${one} to ${one} with the arrow keys.`;
  const points = [...svg.querySelectorAll(".pt > title")].map((title) => {
    const { x, y, width, height } = title.parentNode.getBBox();
    return { x: x + width / 2, y: y + height / 2, text: title.textContent };
  });
  if (points.length === 0) return;
  const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  ring.setAttribute("class", "ring");
  ring.setAttribute("r", "6");
  let current = null;
  const show = (point) => {
    current = point;
    said.textContent = point ? point.text : hint;
    if (!point) return ring.remove();
    ring.setAttribute("cx", point.x);
    ring.setAttribute("cy", point.y);
    svg.append(ring);
  };
  const nearest = (x, y, among) => {
    let best = null;
    let least = Infinity;
    for (const point of among) {
      const far = (point.x - x) ** 2 + (point.y - y) ** 2;
      if (far < least) [best, least] = [point, far];
    }
    return [best, Math.sqrt(least)];
  };
  svg.addEventListener("pointermove", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const [point, far] = nearest(at.x, at.y, points);
    show(far < 14 ? point : null);
  });
  svg.addEventListener("pointerleave", () => show(null));
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  box.addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const from = current ?? points[0];
    const ahead = points.filter((point) => {
      const [dx, dy] = [point.x - from.x, point.y - from.y];
      const along = dx * way[0] + dy * way[1];
      return along > 0 && along >= Math.abs(dx * way[1] + dy * way[0]);
    });
    show(current ? (nearest(from.x, from.y, ahead)[0] ?? from) : from);
  });
  box.tabIndex = 0;
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", `Map of the embedding. Arrow keys go from ${one} to ${one}.`);
  show(null);
});

// Sorts tables by a column: numbers from the largest down, then up; text from A; then as it was.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const given = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const numbers = given.some((row) => row.cells[at].dataset.value !== undefined);
    const ways = numbers ? ["descending", "ascending"] : ["ascending", "descending"];
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const way = ways[ways.indexOf(head.getAttribute("aria-sort")) + 1];
      for (const other of heads) other.removeAttribute("aria-sort");
      const rows = [...given];
      if (way) {
        head.setAttribute("aria-sort", way);
        const sign = way === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const [one, two] = [a.cells[at], b.cells[at]];
          if (!numbers) return sign * one.textContent.localeCompare(two.textContent);
          const [x, y] = [one.dataset.value, two.dataset.value];
          // What was not measured stands last either way.
          if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
          return sign * (x - y);
        });
      }
      body.append(...rows);
    });
  });
}
