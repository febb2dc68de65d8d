'use strict';
// One plot of the live page: a figure that is filled and redrawn as numbers arrive. How lines look
// and what keys do is the report's (plots.js); here is what changes while a run goes on.

// The library's legend is never shown, and it sets a style that the page's policy forbids.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter(plugin => plugin !== Dygraph.Plugins.Legend);

function axisText(x, axis) {
  if (axis === 'time') return formatSeconds(x);
  if (axis === 'tokens') return shortCount(x) + ' tokens';
  return 'step ' + x.toLocaleString('en');
}

function shortCount(value) {
  const size = Math.abs(value);
  const unit = [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']].find(([least]) => size >= least);
  return unit ? String(Number((value / unit[0]).toPrecision(3))) + unit[1] : String(value);
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800,
                    43200, 86400];

// Marks at whole minutes and hours, where the library would put round numbers of seconds.
function timeTicks(from, to, pixels) {
  const least = (to - from) * 72 / Math.max(72, pixels);
  const day = TIME_STEPS[TIME_STEPS.length - 1];
  const step = TIME_STEPS.find(known => known >= least) || day * Math.ceil(least / day);
  const ticks = [];
  for (let at = Math.max(0, Math.ceil(from / step)); at * step <= to; ++at) {
    ticks.push({v: at * step, label: at === 0 ? '0' : formatSeconds(at * step).replace(/ 0 (s|min)$/, '')});
  }
  return ticks;
}

function axisTick(value, axis) {
  if (axis === 'tokens') return shortCount(value);
  return Number.isInteger(value) ? value.toLocaleString('en') : '';
}

function columnHas(view, key) {
  return view.metrics.some(stage => (stage.columns[key] || []).some(value => value !== null));
}

// Whether there is anything to draw, found without making the points.
function hasValues(plot, views) {
  return views.some(view => plot.series.some(series => (series.source === 'curve'
    ? view.curve.some(point => point.values[series.key] !== undefined)
    : columnHas(view, series.key))));
}

// The row of a table of dygraphs that lies nearest to x.
function nearestRow(table, x) {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - table[low - 1][0] < table[low][0] - x ? low - 1 : low;
}

// The text that somebody who does not see the plot gets: every line's value at or before x.
function spokenValues(plot, lines, x) {
  const many = new Set(lines.map(line => line.run)).size > 1;
  const parts = lines.filter(line => line.name).map(line => {
    const past = x === null ? line.values : line.values.filter(point => point.x <= x);
    const point = past[past.length - 1];
    const text = formatValue(point ? point.y : null, line.format);
    return (many ? line.run + ' ' : '') + line.name + ' ' + text;
  });
  return plot.title + ': ' + parts.join(', ') + (plot.unit ? ' (' + plot.unit + ')' : '');
}

// Lines that a log axis or another number of them changes need a new graph.
function shapeOf(lines, bands, plot) {
  return JSON.stringify([bands, Boolean(plot.log), lines.map(line => [
    line.name, line.run, line.color, line.dash, line.width, line.dots, line.band])]);
}

function plotFigure(plot) {
  const title = textElement('h3', plot.title);
  if (plot.unit) title.append(textElement('small', ' ' + plot.unit));
  const place = element('span', {class: 'step'});
  const values = element('div', {class: 'values'});
  const box = element('div', {class: 'plot', tabindex: '0', role: 'img'});
  const cross = element('i', {class: 'cross', hidden: ''});
  const figure = element('figure', {'data-plot': plot.title},
    element('figcaption', {}, element('div', {class: 'title'}, title, place), values),
    element('div', {class: 'plot-frame'}, box, cross));
  if (plot.note) {
    figure.append(element('details', {class: 'about'}, textElement('summary', 'About'),
                          textElement('p', plot.note, 'note')));
  }
  return {figure, place, values, box, cross};
}

// A plot of the panel. `panel` holds what all plots share: views, axis, window, hovered place.
class LivePlot {
  constructor(plot, panel) {
    this.plot = plot;
    this.panel = panel;
    Object.assign(this, plotFigure(plot));
    this.graph = null;
    this.lines = [];
    this.table = [];
    this.stale = true;
    this.onScreen = false;
    this.show = x => panel.hover(x, this);
    addKeyboard(this.box, this, panel);
    this.box.addEventListener('focus', () => panel.say(spokenValues(plot, this.lines, null)));
  }

  // The plot as the panel's switches want it.
  styled() {
    const plot = withParts([this.plot], this.panel.views)[0];
    return this.panel.log ? {...plot, log: true, range: null, zero: false} : plot;
  }

  get isEmpty() {
    return !hasValues(this.styled(), this.panel.views);
  }

  // Draws what is new if the plot can be seen, and otherwise once it can.
  refresh() {
    this.stale = true;
    if (!this.onScreen || this.figure.hidden) return;
    this.stale = false;
    const plot = this.styled();
    const lines = plotLines(plot, this.panel.views, true, this.panel.smoothing);
    const bands = !plot.log && lines.some(line => line.points.some(point => point.low !== null));
    this.lines = lines;
    this.table = plotTable(lines, bands, plot.log);
    this.box.setAttribute('aria-label', spokenValues(plot, lines, null) + '. ' + PLOT_KEYS);
    if (this.table.length === 0) this.forget();
    else if (this.graph && this.shape === shapeOf(lines, bands, plot)) this.update(plot);
    else this.create(plot, bands);
    this.mark(this.panel.hovered);
  }

  options(plot, bands) {
    const axis = this.panel.axis;
    const options = graphOptions(plot, this.lines, bands, this.panel);
    options.axes.x.axisLabelFormatter = value => axisTick(value, axis);
    options.axes.x.pixelsPerLabel = 50;
    options.axes.x.ticker = axis === 'time' ? timeTicks : Dygraph.numericTicks;
    this.fixed = options.valueRange || null;
    return options;
  }

  create(plot, bands) {
    this.forget();
    this.shape = shapeOf(this.lines, bands, plot);
    this.drawnAxis = this.panel.axis;
    this.graph = new Dygraph(this.box, this.table, {
      ...this.options(plot, bands), dateWindow: this.panel.window, interactionModel: interaction(),
      highlightCallback: (event, x) => this.show(x),
      unhighlightCallback: () => this.show(null),
      zoomCallback: (from, to) => this.panel.zoom([from, to], this),
    });
  }

  update(plot) {
    const {valueRange, axes} = this.options(plot, this.graph.getOption('customBars'));
    const changed = this.drawnAxis !== this.panel.axis ? {axes} : {};
    this.drawnAxis = this.panel.axis;
    // A flat line at zero has a range of its own until it is flat no more.
    const range = this.graph.isZoomed('y') ? {} : {valueRange: valueRange || null};
    this.graph.updateOptions({...changed, ...range, file: this.table,
                              dateWindow: this.panel.window});
  }

  applyWindow() {
    if (!this.graph) return;
    const whole = this.panel.window === null ? {valueRange: this.fixed && [...this.fixed]} : {};
    this.graph.updateOptions({dateWindow: this.panel.window, ...whole});
  }

  // Marks the place that is hovered in some plot, and shows the values there.
  mark(x) {
    if (!this.graph) return;
    if (this.lines.length > 0) showValues(this.values, this.place, this.lines, x);
    const last = this.table[this.table.length - 1][0];
    this.place.textContent = axisText(x === null ? last : x, this.panel.axis);
    const [from, to] = this.graph.xAxisRange();
    this.cross.hidden = x === null || x < from || x > to;
    if (x === null) {
      this.graph.clearSelection();
      return;
    }
    this.graph.setSelection(nearestRow(this.table, x));
    const area = this.graph.getArea();
    this.cross.style.left = this.graph.toDomXCoord(x) + 'px';
    this.cross.style.top = area.y + 'px';
    this.cross.style.height = area.h + 'px';
  }

  forget() {
    if (this.graph) this.graph.destroy();
    this.graph = null;
    this.shape = null;
    this.values.textContent = '';
    this.place.textContent = '';
    this.cross.hidden = true;
  }
}
