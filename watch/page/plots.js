// Draws curves with dygraphs: builds the table of a plot from the runs, and adds what the library
// lacks: hover values as text, keyboard, one zoom for a whole section, stage boundaries.

const RUN_COLORS = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7', '--c8'];
const ROLE_COLORS = {
  main: '--c1', second: '--c2', third: '--c5', fourth: '--c8', right: '--c3', wrong: '--c4',
  faint: '--faint',
};
const ROLE_DASHES = {
  main: null, second: [6, 4], third: [2, 3], fourth: [10, 4, 2, 4], right: null, wrong: [6, 4],
  faint: null,
};
const PLOT_KEYS = 'Arrow keys show values, plus and minus zoom, 0 shows all steps.';

function cssColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function formatNumber(value) {
  if (value === null || value === undefined || !isFinite(value)) return '–';
  const size = Math.abs(value);
  let text = '';
  if (Number.isInteger(value) && size < 1e7) text = value.toLocaleString('en');
  else if (size < 1e-3 || size >= 1e7) text = value.toExponential(1);
  else if (size < 0.1) text = String(Number(value.toPrecision(2)));
  else if (size < 10) text = value.toFixed(2);
  else if (size < 1000) text = value.toFixed(1);
  else text = Math.round(value).toLocaleString('en');
  return text.replace('-', '−').replace('e-', 'e−');
}

function formatValue(value, format) {
  if (value === null || value === undefined || !isFinite(value)) return '–';
  if (format === 'tenths') return value.toFixed(1);
  if (format !== 'share') return formatNumber(value);
  const percent = value * 100;
  const small = percent !== 0 && Math.abs(percent) < 1;
  return (small ? Number(percent.toPrecision(2)) : percent.toFixed(1)) + ' %';
}

// The values beside an axis are round already: no digits are added.
function formatTick(value, format) {
  const scaled = Number((format === 'share' ? value * 100 : value).toPrecision(6));
  const size = Math.abs(scaled);
  const tiny = size !== 0 && (size < 1e-3 || size >= 1e6);
  const text = tiny ? Number(scaled.toPrecision(3)).toExponential() : scaled.toLocaleString('en');
  return text.replace(/-/g, '−') + (format === 'share' ? ' %' : '');
}

// Each stage for itself: what one reached says nothing about the next.
function smoothed(points, width) {
  if (width <= 1) return points;
  const parts = [...new Set(points.map(point => point.part))];
  return parts.flatMap(part => smoothedPart(points.filter(point => point.part === part), width));
}

// Mean over a window of `width` points around each point, of the band's edges too.
function smoothedPart(points, width) {
  const reach = Math.floor(width / 2);
  const mean = (window, key) => {
    const values = window.map(point => point[key]).filter(value => value !== null);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  };
  return points.map((point, at) => {
    // The window shrinks towards the ends: a lopsided one bends the curve there.
    const half = Math.max(Math.ceil(reach / 2), Math.min(reach, at, points.length - 1 - at));
    const window = points.slice(Math.max(0, at - half), at + half + 1);
    return {x: point.x, y: mean(window, 'y'), low: mean(window, 'low'), high: mean(window, 'high')};
  });
}

// The points {x, y, low, high} of one series of one run.
function seriesPoints(run, series, reinforcement) {
  const points = [];
  const scale = series.scale || 1;
  const finite = value => (value === undefined || value === null ? null : value * scale);
  if (series.source === 'curve') {
    for (const point of run.curve) {
      const value = key => (key ? finite(point.values[key]) : null);
      const band = series.band || [];
      points.push({x: point.step, y: value(series.key), low: value(band[0]),
                   high: value(band[1])});
    }
  } else {
    for (const [part, stage] of run.metrics.entries()) {
      const column = stage.columns[series.key];
      if (stage.reinforcement !== reinforcement || !column) continue;
      const low = series.band ? stage.columns[series.band[0]] : null;
      const high = series.band ? stage.columns[series.band[1]] : null;
      stage.steps.forEach((step, i) => points.push({
        x: step + stage.offset, y: finite(column[i]), low: low ? finite(low[i]) : null,
        high: high ? finite(high[i]) : null, part,
      }));
    }
  }
  return points.filter(point => point.y !== null);
}

// Numbers of several parts (rewards, thinking words) get one line each.
function withParts(plots, runs) {
  return plots.map(plot => {
    if (!plot.parts) return plot;
    const keys = [...new Set(runs.flatMap(run => run.metrics.flatMap(m => Object.keys(m.columns))))]
      .filter(key => plot.parts.test(key)).sort();
    if (keys.length < 2 && plot.series.length > 0) return plot;
    const roles = ['second', 'third', 'fourth', 'wrong'];
    const parts = keys.map((key, at) => ({source: 'metrics', key, name: plot.parts.exec(key)[1],
                                          role: roles[at % roles.length], smooth: true}));
    return {...plot, series: [...plot.series.slice(0, 1), ...parts]};
  });
}

// Everything a plot draws: lines with id, name, colour, dash, width, dots and points.
function plotLines(plot, runs, reinforcement, smoothing) {
  const lines = [];
  const many = runs.length > 1;
  const add = (line, points) => {
    if (points.length > 0) lines.push({...line, id: 's' + lines.length, points});
  };
  for (const run of runs) {
    for (const series of plot.series) {
      // Wide bands of several runs would hide one another.
      const plain = many && series.wide ? {...series, band: null} : series;
      const raw = seriesPoints(run, plain, reinforcement);
      const soft = series.smooth && smoothing > 1 && raw.length > smoothing;
      const color = many ? run.color : ROLE_COLORS[series.role];
      const line = {
        name: series.name, run: run.title, color, format: plot.format,
        dash: many ? ROLE_DASHES[series.role] : (series.role === 'fourth' ? [2, 3] : null),
        width: series.role === 'faint' ? 1 : 2, dots: series.dots && raw.length <= 60,
        values: raw,
        alpha: series.role === 'faint' ? (many ? 0.3 : 0.65) : 1, band: Boolean(series.band),
      };
      if (soft) {
        add({...line, name: '', width: 1, alpha: many ? 0.15 : 0.28, dash: null, band: false},
            raw.map(point => ({...point, low: null, high: null})));
      }
      add(line, soft ? smoothed(raw, smoothing) : raw);
    }
  }
  return lines;
}

function plotTable(lines, bands, log) {
  const rows = new Map();
  lines.forEach((line, at) => {
    for (const point of line.points) {
      if (log && point.y <= 0) continue;
      if (!rows.has(point.x)) rows.set(point.x, new Array(lines.length).fill(null));
      const low = point.low === null ? point.y : point.low;
      const high = point.high === null ? point.y : point.high;
      rows.get(point.x)[at] = bands ? [low, point.y, high] : point.y;
    }
  });
  return [...rows.keys()].sort((a, b) => a - b).map(x => [x, ...rows.get(x)]);
}

function withAlpha(color, alpha) {
  const digits = Math.round(alpha * 255).toString(16).padStart(2, '0');
  return alpha >= 1 ? color : color + digits;
}

// The line under a title: what each colour is, with the value at the hovered step or the last one.
function showValues(box, place, lines, step) {
  box.textContent = '';
  const last = Math.max(...lines.map(line => line.points[line.points.length - 1].x));
  place.textContent = 'step ' + (step === null ? last : step).toLocaleString('en');
  const many = new Set(lines.map(line => line.run)).size > 1;
  box.classList.toggle('many', many);
  const groups = new Map();
  for (const line of lines) {
    if (!line.name) continue;
    if (!groups.has(line.name)) groups.set(line.name, element('span', {class: 'item'}));
    const item = groups.get(line.name);
    // Numbers are those on record, not the smoothed ones.
    const past = step === null ? line.values : line.values.filter(point => point.x <= step);
    const point = past[past.length - 1];
    const swatch = element('i', {class: line.dash ? 'swatch dashed' : 'swatch'});
    swatch.style.color = cssColor(line.color);
    const value = element('b');
    value.textContent = formatValue(point ? point.y : null, line.format);
    if (many && item.childNodes.length === 0) item.append(line.name + ' ');
    item.append(swatch, many ? '' : line.name + ' ', value);
    if (!many && point && point.low !== null && point.high !== null) {
      item.append(' (' + formatValue(point.low, line.format).replace(' %', '') + ' – ' +
                  formatValue(point.high, line.format) + ')');
    }
  }
  box.append(...groups.values());
}

// Vertical lines where one stage ends and the next begins.
function drawBoundaries(context, area, graph, boundaries) {
  context.save();
  context.strokeStyle = cssColor('--axis');
  context.fillStyle = cssColor('--muted');
  context.font = '11px system-ui, sans-serif';
  context.setLineDash([3, 3]);
  let free = area.x;
  for (const boundary of boundaries) {
    const x = Math.round(graph.toDomXCoord(boundary.step)) + 0.5;
    if (x < area.x || x > area.x + area.w) continue;
    context.beginPath();
    context.moveTo(x, area.y);
    context.lineTo(x, area.y + area.h);
    context.stroke();
    // A name that has no room stands to the left, or is left out: its line tells enough.
    const width = context.measureText(boundary.name).width;
    const place = x + 4 + width > area.x + area.w ? x - 4 - width : x + 4;
    if (place < free) continue;
    context.fillText(boundary.name, place, area.y + 11);
    free = place + width + 6;
  }
  context.restore();
}

function graphOptions(plot, lines, bands, section) {
  const series = {};
  for (const line of lines) {
    series[line.id] = {
      color: withAlpha(cssColor(line.color), line.alpha), strokeWidth: line.width,
      strokePattern: line.dash, drawPoints: line.dots, pointSize: 2.5,
      highlightCircleSize: line.name ? 4 : 0, fillAlpha: line.band ? 0.16 : 0,
    };
  }
  const options = {
    labels: ['step', ...lines.map(line => line.id)], series, legend: 'never',
    customBars: bands, connectSeparatedPoints: true, logscale: Boolean(plot.log),
    gridLineColor: cssColor('--grid'), axisLineColor: cssColor('--axis'), gridLineWidth: 1,
    axisLabelFontSize: 11, resizable: 'passive', rightGap: 8, xRangePad: 4,
    includeZero: Boolean(plot.zero) && !plot.log, animatedZooms: false,
    axes: {
      x: {pixelsPerLabel: 70, drawGrid: false, axisLabelFormatter: value =>
        Number.isInteger(value) ? value.toLocaleString('en') : ''},
      y: {pixelsPerLabel: 34, axisLabelWidth: 52, axisLabelFormatter: value =>
        formatTick(value, plot.format)},
    },
    underlayCallback: (context, area, graph) =>
      drawBoundaries(context, area, graph, section.boundaries),
  };
  const flat = lines.every(line => line.points.every(point => point.y === 0));
  if (flat) options.valueRange = [0, plot.format === 'share' ? 0.01 : 1];
  if (plot.range) options.valueRange = [plot.range[0] - 0.01, plot.range[1] + 0.02];
  return options;
}

// On a touch screen a drag must scroll the page; a tap still shows the values.
function interaction() {
  const model = {...Dygraph.defaultInteractionModel};
  delete model.touchstart;
  delete model.touchmove;
  delete model.touchend;
  return matchMedia('(pointer: coarse)').matches ? {dblclick: model.dblclick} : model;
}

function addKeyboard(box, state, section) {
  box.addEventListener('keydown', event => {
    const graph = state.graph;
    if (!graph) return;
    const rows = graph.numRows();
    const row = graph.getSelection();
    const moves = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -rows, End: rows};
    const [from, to] = graph.xAxisRange();
    const middle = row >= 0 ? graph.getValue(row, 0) : (from + to) / 2;
    const zoom = factor =>
      section.zoom([middle - (middle - from) * factor, middle + (to - middle) * factor]);
    if (event.key in moves) {
      const start = row < 0 ? (moves[event.key] > 0 ? -1 : rows) : row;
      const next = Math.max(0, Math.min(rows - 1, start + moves[event.key]));
      graph.setSelection(next);
      state.show(graph.getValue(next, 0));
    } else if (event.key === '+' || event.key === '=') {
      zoom(0.6);
    } else if (event.key === '-') {
      zoom(1 / 0.6);
    } else if (event.key === '0' || event.key === 'Escape') {
      section.zoom(null);
    } else {
      return;
    }
    event.preventDefault();
  });
  box.addEventListener('blur', () => {
    if (state.graph) state.graph.clearSelection();
    state.show(null);
  });
}

// Adds one plot to a section. Returns whether there was anything to draw.
function drawPlot(plot, runs, section, smoothing) {
  const lines = plotLines(plot, runs, section.reinforcement, smoothing);
  const bands = !plot.log && lines.some(line => line.points.some(point => point.low !== null));
  const table = plotTable(lines, bands, plot.log);
  if (table.length === 0) return false;
  const title = element('h3');
  title.textContent = plot.title;
  if (plot.unit) {
    const unit = element('small');
    unit.textContent = ' ' + plot.unit;
    title.append(unit);
  }
  const values = element('div', {class: 'values', 'aria-live': 'polite'});
  const place = element('span', {class: 'step'});
  const box = element('div', {class: 'plot', tabindex: '0', role: 'img',
                              'aria-label': plot.title + '. ' + PLOT_KEYS});
  const figure = element('figure', {}, element('figcaption', {},
    element('div', {class: 'title'}, title, place), values), box);
  if (plot.note) {
    const note = element('p', {class: 'note'});
    note.textContent = plot.note;
    figure.append(note);
  }
  section.grid.append(figure);
  const state = {show: step => showValues(values, place, lines, step)};
  state.show(null);
  const options = graphOptions(plot, lines, bands, section);
  state.graph = new Dygraph(box, table, {
    ...options, interactionModel: interaction(),
    highlightCallback: (event, x) => state.show(x),
    unhighlightCallback: () => state.show(null),
    zoomCallback: (from, to) => section.zoom([from, to], state.graph),
  });
  addKeyboard(box, state, section);
  section.graphs.push({graph: state.graph, fixed: options.valueRange});
  return true;
}
