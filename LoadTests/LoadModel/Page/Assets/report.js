"use strict";
// Draws every chart of the page as SVG, as wide as its figure, and again when the width changes.
(function () {
  const margin = { left: 54, right: 14, top: 10, bottom: 34 };
  const height = 250;

  function element(name, attributes, parent, color) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    // A content policy forbids the attribute, and not the property.
    if (color) node.style.setProperty("--c", `var(--${color})`);
    if (parent) parent.appendChild(node);
    return node;
  }

  function text(value) {
    const size = Math.abs(value);
    if (size >= 1e6) return +(value / 1e6).toPrecision(3) + " M";
    if (size >= 1e4) return +(value / 1e3).toPrecision(3) + " k";
    return String(size >= 100 ? Math.round(value) : +value.toPrecision(3));
  }

  // Round numbers from 0 up to just above the largest value.
  function linearScale(max) {
    const raw = (max || 1) / 4;
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const top = Math.ceil((max || 1) / step - 1e-9) * step;
    const ticks = [];
    for (let value = 0; value <= top * 1.0001; value += step) ticks.push(value);
    return { ticks, at: (value) => value / top };
  }

  // Ticks at 1, 2 and 5 times the powers of ten, or at the powers alone when there are many.
  function logScale(min, max) {
    const steps = max / min > 2000 ? [1] : [1, 2, 5];
    let low = 0;
    let high = 0;
    const all = [];
    for (let power = -4; power <= 12; power++) for (const step of steps) all.push(step * Math.pow(10, power));
    low = all.filter((tick) => tick <= min).pop() || min;
    high = all.find((tick) => tick >= max) || max;
    if (low === high) high = low * 10;
    return {
      ticks: all.filter((tick) => tick >= low && tick <= high),
      at: (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low),
    };
  }

  // Percentiles stand at the number of their nines.
  function nines(percentile) { return -Math.log10(Math.max(1e-9, 1 - percentile / 100)); }

  function percentileScale(max) {
    const top = Math.max(1, nines(max));
    const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter((tick) => nines(tick) <= top + 1e-9);
    return { ticks, at: (value) => Math.min(1, nines(value) / top), text: (value) => String(value) };
  }

  function spanScale(min, max) {
    const span = max - min || 1;
    const raw = span / 6;
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const ticks = [];
    for (let value = Math.ceil(min / step) * step; value <= max + step * 1e-6; value += step) ticks.push(value);
    return { ticks, at: (value) => (value - min) / span, text: (value) => String(+value.toPrecision(6)) };
  }

  function scales(chart) {
    const points = chart.series.flatMap((s) => s.points).filter((p) => p[1] !== null);
    const xs = chart.series.flatMap((s) => s.points.map((p) => p[0]));
    const ys = points.map((p) => p[1]);
    const maximum = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
    const minimum = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
    const positive = ys.filter((y) => y > 0);
    return {
      x: chart.x === "percentile" ? percentileScale(maximum(xs)) : spanScale(chart.x === "time" ? 0 : minimum(xs), maximum(xs)),
      y: chart.log && positive.length ? logScale(minimum(positive), maximum(positive)) : linearScale(maximum(ys)),
    };
  }

  function draw(figure, chart) {
    figure.querySelectorAll("svg, .tip").forEach((old) => old.remove());
    const style = getComputedStyle(figure);
    const width = Math.max(240, figure.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: "0", "aria-label": chart.title }, figure);
    const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
    const scale = scales(chart);
    const px = (x) => margin.left + scale.x.at(x) * inner.width;
    const py = (y) => margin.top + (1 - scale.y.at(y)) * inner.height;
    const base = margin.top + inner.height;

    for (const tick of scale.y.ticks) {
      element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: py(tick), y2: py(tick) }, svg);
      element("text", { x: margin.left - 8, y: py(tick) + 4, "text-anchor": "end" }, svg).textContent = text(tick);
    }
    element("line", { class: "axis", x1: margin.left, x2: width - margin.right, y1: base, y2: base }, svg);
    let free = -Infinity;
    for (const tick of scale.x.ticks) {
      const label = scale.x.text(tick);
      const half = label.length * 3.4;
      if (px(tick) - half < free) continue;
      free = px(tick) + half + 8;
      element("line", { class: "axis", x1: px(tick), x2: px(tick), y1: base, y2: base + 4 }, svg);
      element("text", { x: px(tick), y: base + 16, "text-anchor": "middle" }, svg).textContent = label;
    }
    element("text", { x: width - margin.right, y: height - 3, "text-anchor": "end" }, svg).textContent = chart.xLabel;

    for (const series of chart.series) {
      let path = "";
      let previous = null;
      series.points.forEach((point, index) => {
        if (point[1] === null) { previous = null; return; }
        path += `${previous ? "L" : "M"}${px(point[0]).toFixed(1)} ${py(point[1]).toFixed(1)}`;
        const next = series.points[index + 1];
        if (!previous && (!next || next[1] === null)) {
          element("circle", { cx: px(point[0]), cy: py(point[1]), r: 2.5 }, svg, series.color);
        }
        previous = point;
      });
      const line = element("path", { d: path }, svg, series.color);
      if (series.dashed) line.setAttribute("stroke-dasharray", "5 4");
    }
    followPointer(figure, svg, chart, width, px, py);
  }

  function followPointer(figure, svg, chart, width, px, py) {
    const cross = element("line", { class: "cross", y1: margin.top, y2: height - margin.bottom, visibility: "hidden" }, svg);
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    figure.appendChild(tip);
    const xs = [...new Set(chart.series.flatMap((s) => s.points.map((p) => p[0])))].sort((a, b) => a - b);
    let index = -1;
    const hide = () => { tip.hidden = true; cross.setAttribute("visibility", "hidden"); };
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -xs.length, End: xs.length }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      index = Math.max(0, Math.min(xs.length - 1, index < 0 && step < 0 ? xs.length - 1 : index + step));
      point(xs[index], svg.getBoundingClientRect().top + 60);
    });
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const at = (event.clientX - box.left) * width / box.width;
      index = xs.reduce((best, candidate, here) => Math.abs(px(candidate) - at) < Math.abs(px(xs[best]) - at) ? here : best, 0);
      point(xs[index], event.clientY);
    });
    function point(x, top) {
      const box = svg.getBoundingClientRect();
      cross.setAttribute("x1", px(x));
      cross.setAttribute("x2", px(x));
      cross.setAttribute("visibility", "visible");
      tip.replaceChildren();
      tip.append(`${+x.toPrecision(6)} ${chart.xUnit}`);
      for (const series of chart.series) {
        const point = series.points.find((p) => p[0] === x);
        if (!point || point[1] === null) continue;
        const row = document.createElement("div");
        const dot = document.createElement("i");
        dot.style.setProperty("--c", `var(--${series.color})`);
        const value = document.createElement("b");
        value.textContent = `${text(point[1])} ${chart.unit}`;
        row.append(dot, `${series.name} `, value);
        tip.append(row);
      }
      tip.hidden = false;
      const left = svg.offsetLeft || 14;
      const x0 = px(x) * box.width / width;
      const isRight = x0 > box.width / 2;
      tip.style.left = isRight ? "auto" : `${left + x0 + 12}px`;
      tip.style.right = isRight ? `${box.width - x0 + 26}px` : "auto";
      tip.style.top = `${top - figure.getBoundingClientRect().top + 12}px`;
    }
  }

  // The numbers behind the lines, for whoever does not see them.
  function tableButton(figure, chart, redraw) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show as table";
    button.setAttribute("aria-pressed", "false");
    let table = null;
    button.addEventListener("click", () => {
      const shows = !table;
      button.textContent = shows ? "Show as chart" : "Show as table";
      button.setAttribute("aria-pressed", String(shows));
      if (shows) {
        figure.querySelectorAll("svg, .tip").forEach((old) => old.remove());
        figure.append(table = tableOf(chart));
      } else {
        table.remove();
        table = null;
        redraw();
      }
    });
    figure.append(button);
    return () => table !== null;
  }

  function tableOf(chart) {
    const cell = (name, content) => Object.assign(document.createElement(name), { textContent: content });
    const holder = Object.assign(document.createElement("div"), { className: "values", tabIndex: 0 });
    holder.setAttribute("role", "region");
    holder.setAttribute("aria-label", chart.title);
    const table = document.createElement("table");
    const head = document.createElement("tr");
    head.append(cell("th", chart.xLabel), ...chart.series.map((series) => cell("th", series.name)));
    table.createTHead().append(head);
    const body = table.createTBody();
    const values = chart.series.map((series) => new Map(series.points));
    for (const x of [...new Set(chart.series.flatMap((s) => s.points.map((p) => p[0])))].sort((a, b) => a - b)) {
      const row = body.insertRow();
      const value = (list) => list.get(x) === undefined || list.get(x) === null ? "–" : text(list.get(x));
      row.append(cell("th", String(+x.toPrecision(6))), ...values.map((list) => cell("td", value(list))));
    }
    holder.append(table);
    return holder;
  }

  function legend(figure, chart) {
    const list = document.createElement("div");
    list.className = "legend";
    for (const series of chart.series) {
      const entry = document.createElement("span");
      const mark = document.createElement("i");
      mark.style.setProperty("--c", `var(--${series.color})`);
      if (series.dashed) mark.className = "dashed";
      entry.append(mark, series.name);
      list.append(entry);
    }
    figure.append(list);
  }

  for (const figure of document.querySelectorAll("figure.chart")) {
    const chart = JSON.parse(figure.querySelector("script").textContent);
    legend(figure, chart);
    const isTable = tableButton(figure, chart, () => draw(figure, chart));
    let drawn = 0;
    new ResizeObserver(() => {
      if (figure.clientWidth === drawn || isTable()) return;
      drawn = figure.clientWidth;
      draw(figure, chart);
    }).observe(figure);
  }
})();
