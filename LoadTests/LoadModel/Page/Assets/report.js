"use strict";
// Draws every chart of the page as SVG, as wide as its figure, and again when the width changes.
(function () {
  const margin = { left: 54, right: 14, top: 10, bottom: 34 };
  const height = 250;

  function element(name, attributes, parent) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
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
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": chart.title }, figure);
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
          element("circle", { cx: px(point[0]), cy: py(point[1]), r: 2.5, style: `--c:var(--${series.color})` }, svg);
        }
        previous = point;
      });
      const line = element("path", { d: path, style: `--c:var(--${series.color})` }, svg);
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
    svg.addEventListener("pointerleave", () => { tip.hidden = true; cross.setAttribute("visibility", "hidden"); });
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const at = (event.clientX - box.left) * width / box.width;
      const x = xs.reduce((best, candidate) => Math.abs(px(candidate) - at) < Math.abs(px(best) - at) ? candidate : best, xs[0]);
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
      tip.style.top = `${event.clientY - figure.getBoundingClientRect().top + 12}px`;
    });
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
    let drawn = 0;
    new ResizeObserver(() => {
      if (figure.clientWidth === drawn) return;
      drawn = figure.clientWidth;
      draw(figure, chart);
    }).observe(figure);
  }
})();
