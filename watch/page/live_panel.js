'use strict';
// All curves: controls, groups that open and close, and what the plots share, which is the zoom,
// the hovered place and the axis.

const SHARED_SETTINGS = 'reckon-watch-curves';

function readSettings() {
  try {
    return JSON.parse(localStorage.getItem(SHARED_SETTINGS)) || {};
  } catch (error) {
    return {};  // storage may be forbidden: the page works without
  }
}

function keepSettings(settings) {
  try {
    localStorage.setItem(SHARED_SETTINGS, JSON.stringify({...readSettings(), ...settings}));
  } catch (error) {
    // As above.
  }
}

function selectBox(label, choices, value, onChange) {
  const select = element('select', {}, ...choices.map(([key, text]) =>
    textElement('option', text)));
  choices.forEach(([key], at) => { select.options[at].value = key; });
  select.value = value;
  select.addEventListener('change', () => onChange(select.value));
  return element('label', {}, label + ' ', select);
}

function button(text, label, onClick) {
  const node = element('button', {type: 'button'});
  node.textContent = text;
  if (label) node.setAttribute('aria-label', label);
  node.addEventListener('click', onClick);
  return node;
}

class CurvePanel {
  // `reading` is the line for screen readers; `askMore` is called when other keys are wanted.
  constructor(place, reading, askMore) {
    const kept = readSettings();
    Object.assign(this, {place, reading, askMore, views: [], boundaries: [], window: null,
                         hovered: null, words: [], choice: null, groups: [], others: new Map()});
    this.axis = kept.axis in AXIS_COLUMNS ? kept.axis : 'step';
    this.log = Boolean(kept.log);
    this.strength = Number(kept.strength ?? 6);
    this.closed = new Set(Array.isArray(kept.closed) ? kept.closed : []);
    this.runs = [];
    this.watcher = new IntersectionObserver(entries => this.onScreen(entries),
                                            {rootMargin: '150px'});
    this.byFigure = new WeakMap();
    this.makeControls();
    for (const group of LIVE_GROUPS) this.addGroup(group.title, groupPlots(group));
    this.other = this.addGroup('Everything else that is measured', []);
    if (!kept.closed) this.other.box.open = false;
    this.nothing = missing('There is no curve to show yet.');
    place.append(this.nothing);
  }

  makeControls() {
    const slider = element('input', {type: 'range', min: '0', max: '20', step: '1',
                                     'aria-label': 'Smoothing of noisy curves'});
    slider.value = this.strength;
    slider.addEventListener('input', () => this.set({strength: Number(slider.value)}));
    const log = element('input', {type: 'checkbox'});
    log.checked = this.log;
    log.addEventListener('change', () => this.set({log: log.checked}));
    const search = element('input', {type: 'search', placeholder: 'Find a curve …',
                                     'aria-label': 'Show only curves with these words'});
    search.addEventListener('input', () => this.filter(search.value));
    this.stages = element('span');
    const axis = selectBox('Along', [['step', 'steps'], ['tokens', 'tokens'], ['time', 'time']],
                           this.axis, value => this.setAxis(value));
    const zoom = element('span', {class: 'buttons', role: 'group', 'aria-label': 'Zoom',
                                    title: 'Drag across a plot to zoom, double-click to return.'},
      button('−', 'Zoom out', () => this.zoomBy(1 / 0.6)),
      button('+', 'Zoom in', () => this.zoomBy(0.6)),
      button('◀', 'Move to earlier', () => this.moveBy(-0.25)),
      button('▶', 'Move to later', () => this.moveBy(0.25)),
      button('All', 'Show everything', () => this.zoom(null)));
    this.place.append(element('div', {class: 'controls'}, element('div', {class: 'wrap'},
      search, this.stages, axis, element('label', {}, 'Smoothing', slider),
      element('label', {}, log, 'Log axis'), zoom)));
  }

  addGroup(title, plots) {
    const grid = element('div', {class: 'plots'});
    const box = element('details', {class: 'group'}, element('summary', {},
      textElement('h2', title)), grid);
    box.open = !this.closed.has(title);
    box.addEventListener('toggle', () => this.onToggle(title, box));
    const group = {title, box, grid, plots: plots.map(plot => new LivePlot(plot, this))};
    for (const plot of group.plots) this.addPlot(group, plot);
    this.place.append(box);
    this.groups.push(group);
    return group;
  }

  addPlot(group, plot) {
    plot.figure.hidden = true;
    this.byFigure.set(plot.figure, plot);
    this.watcher.observe(plot.figure);
    group.grid.append(plot.figure);
  }

  onToggle(title, box) {
    if (box.open) this.closed.delete(title);
    else this.closed.add(title);
    keepSettings({closed: [...this.closed]});
    this.askMore();
    this.refresh();
  }

  onScreen(entries) {
    for (const entry of entries) {
      const plot = this.byFigure.get(entry.target);
      plot.onScreen = entry.isIntersecting;
      if (plot.onScreen && plot.stale) plot.refresh();
    }
  }

  get plots() {
    return this.groups.flatMap(group => group.plots);
  }

  // Keys of what may be seen: curves in closed groups are not asked for.
  wantedKeys(keys) {
    const open = this.groups.filter(group => this.isOpen(group)).flatMap(group => group.plots);
    const seen = open.filter(plot => plotMatches(plot.plot, this.words));
    return [...new Set(seen.flatMap(plot => plotKeys(plot.plot, keys)))].filter(key =>
      keys.length === 0 || keys.includes(key));
  }

  isOpen(group) {
    return group.box.open || this.words.length > 0;
  }

  set(settings) {
    Object.assign(this, settings);
    keepSettings(settings);
    this.show(this.runs);
  }

  setAxis(axis) {
    this.window = null;
    this.set({axis});
  }

  filter(text) {
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of this.groups) {
      if (this.words.length > 0) group.box.open = true;
      else group.box.open = !this.closed.has(group.title);
    }
    this.askMore();
    this.refresh();
  }

  // Takes the runs' numbers as they are now and draws what changed.
  show(runs) {
    this.runs = runs;
    this.showStageChoice(runs);
    this.views = runs.map(run => viewOf(run, this.chosen, this.axis));
    this.boundaries = this.views.length > 0 ? this.views[0].boundaries : [];
    const counts = this.views.map(view =>
      view.metrics.reduce((sum, stage) => sum + stage.steps.length, 0));
    this.smoothing = Math.round(Math.min(400, Math.max(0, ...counts)) * this.strength / 100);
    this.addOthers([...new Set(runs.flatMap(run => run.keys))].sort());
    this.refresh();
  }

  // Until somebody chooses, the page shows what learns from rewards as soon as there is some.
  showStageChoice(runs) {
    const choices = stageChoices(runs);
    const has = value => choices.some(([key]) => key === value);
    this.chosen = has(this.choice) ? this.choice
      : has('reinforcement') ? 'reinforcement' : has('all') ? 'all' : (choices[0] || ['all'])[0];
    const shape = JSON.stringify([choices, this.chosen]);
    if (shape === this.stageShape) return;
    this.stageShape = shape;
    this.stages.textContent = '';
    if (choices.length < 2) return;
    this.stages.append(selectBox('Stages', choices, this.chosen, value => {
      this.choice = value;
      this.window = null;
      this.show(this.runs);
    }));
  }

  addOthers(keys) {
    for (const plot of otherPlots(keys)) {
      if (this.others.has(plot.title)) continue;
      const live = new LivePlot(plot, this);
      this.others.set(plot.title, live);
      this.other.plots.push(live);
      this.addPlot(this.other, live);
    }
  }

  refresh() {
    let shown = 0;
    for (const group of this.groups) {
      let any = false;
      for (const plot of group.plots) {
        const matches = plotMatches(plot.plot, this.words);
        const empty = this.isOpen(group) && plot.isEmpty;
        plot.figure.hidden = !matches || empty;
        any = any || (matches && (!this.isOpen(group) || !empty));
        if (this.isOpen(group)) plot.refresh();
      }
      group.box.hidden = !any;
      shown += any ? 1 : 0;
    }
    this.nothing.hidden = shown > 0;
  }

  // Everything is drawn again, in other colours.
  redraw() {
    for (const plot of this.plots) plot.forget();
    this.refresh();
  }

  get range() {
    if (this.window) return this.window;
    const xs = this.views.flatMap(view => view.metrics.flatMap(stage => stage.steps));
    return xs.length === 0 ? [0, 1] : [xs.reduce((a, b) => Math.min(a, b)),
                                       xs.reduce((a, b) => Math.max(a, b))];
  }

  zoomBy(factor) {
    const [from, to] = this.range;
    const middle = this.hovered === null ? (from + to) / 2 : this.hovered;
    this.zoom([middle - (middle - from) * factor, middle + (to - middle) * factor]);
  }

  moveBy(share) {
    const [from, to] = this.range;
    this.zoom([from + (to - from) * share, to + (to - from) * share]);
  }

  // Zooms all plots; `origin` is the one that zoomed itself, by the mouse.
  zoom(range, origin) {
    if (this.zooming) return;
    this.zooming = true;
    const whole = range === null || (origin && !origin.graph.isZoomed('x'));
    this.window = whole ? null : range;
    for (const plot of this.plots) {
      if (plot !== origin || whole) plot.applyWindow();
    }
    this.zooming = false;
  }

  hover(x, origin) {
    this.hovered = x;
    for (const plot of this.plots) {
      if (plot.onScreen && !plot.figure.hidden) plot.mark(x);
    }
    if (x === null) return;
    this.say(axisText(x, this.axis) + '. ' + spokenValues(origin.plot, origin.lines, x));
  }

  // Speaks once the pointer rests: every value on the way would drown the last one.
  say(text) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.reading.textContent = text; }, 350);
  }
}
