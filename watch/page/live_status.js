'use strict';
// The list of runs, and what is going on in the chosen one: state, stage, phase, time left, hints.

// Where the documentation explains what the alert of a run in trouble says already.
const LIFE_HINTS = '#stalled-and-dead-runs';
const STATE_MARKS = {running: '●', finished: '✓', failed: '✗', dead: '✗', stalled: '‖',
                     stopped: '‖'};

function secondsSince(summary) {
  if (summary.age === null || summary.age === undefined) return null;
  return summary.age + (Date.now() - summary.received) / 1000;
}

function ageText(seconds) {
  return seconds === null ? 'never' : seconds < 1.5 ? 'just now' : formatSeconds(seconds) + ' ago';
}

function stateOf(summary) {
  return summary.stalled && summary.state === 'running' ? 'stalled' : summary.state || 'unknown';
}

// The state in words: for a run in trouble with the place where it stopped.
function stateWords(summary) {
  const state = stateOf(summary);
  const phase = summary.phase ? ' in ' + summary.phase : '';
  if (state === 'stalled') return 'stalled' + phase + ' for ' + formatSeconds(secondsSince(summary));
  if (state === 'dead') {
    return 'dead: its process is gone, last seen' + phase + ' ' + ageText(secondsSince(summary));
  }
  return state;
}

function stateChip(summary) {
  const chip = element('span', {}, element('i', {'aria-hidden': 'true'}),
                       document.createTextNode(''));
  setState(chip, summary);
  return chip;
}

function setState(chip, summary) {
  const state = stateOf(summary);
  setText(chip.firstChild, STATE_MARKS[state] || '·');
  setText(chip.lastChild, ' ' + state);
  const name = 'state state-' + state.replace(/[^a-z]/g, '');
  if (chip.className !== name) chip.className = name;
}

// Nodes that stay as they are keep a click that has begun on them.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function progressBar(value, most, label) {
  const bar = element('progress', {max: String(Math.max(1, most || 1)), 'aria-label': label});
  bar.value = Math.min(value || 0, most || 1);
  return bar;
}

function stageText(summary) {
  const steps = (summary.step || 0).toLocaleString('en') +
    (summary.max_steps ? ' of ' + summary.max_steps.toLocaleString('en') : '');
  return (summary.stage ? summary.stage + ' · ' : '') + 'step ' + steps;
}

// The list of runs. Its entries are changed in place: the list may be in use.
class RunList {
  constructor(place, page) {
    Object.assign(this, {page, entries: new Map(), list: element('ul')});
    this.count = element('small');
    this.nothing = missing('No run in this folder yet.');
    const box = element('details', {}, element('summary', {}, textElement('h2', 'Runs'),
                                               this.count), this.list, this.nothing);
    box.open = matchMedia('(min-width: 901px)').matches;
    place.append(box);
  }

  // The tick lays a run over the others, the name chooses it.
  makeEntry(run) {
    const tick = element('input', {type: 'checkbox'});
    tick.addEventListener('change', () => this.page.lay(run.id, tick.checked));
    const choose = button('', null, () => this.page.choose(run.id));
    const swatch = element('i', {class: 'swatch', 'aria-hidden': 'true'});
    const name = element('span');
    const chip = stateChip(run.summary);
    const stage = element('small', {class: 'run-stage'});
    choose.append(element('span', {class: 'run-title'}, swatch, name), chip, stage);
    return {box: element('li', {}, tick, choose), tick, choose, swatch, name, chip, stage};
  }

  show() {
    const {runs, shown, chosen} = this.page;
    setText(this.count, runs.length.toLocaleString('en'));
    this.nothing.hidden = runs.length > 0;
    for (const run of runs) {
      if (!this.entries.has(run.id)) this.entries.set(run.id, this.makeEntry(run));
      const entry = this.entries.get(run.id);
      entry.tick.checked = shown.has(run.id);
      entry.tick.setAttribute('aria-label', 'Show the curves of ' + run.title);
      entry.swatch.hidden = !run.color || shown.size < 2;
      entry.swatch.style.color = run.color ? 'var(' + run.color + ')' : '';
      setText(entry.name, visible(run.title));
      setState(entry.chip, run.summary);
      setText(entry.stage, visible(stageText(run.summary)));
      if (chosen === run.id) entry.choose.setAttribute('aria-current', 'true');
      else entry.choose.removeAttribute('aria-current');
    }
    for (const [id, entry] of this.entries) {
      if (runs.some(run => run.id === id)) continue;
      entry.box.remove();
      this.entries.delete(id);
    }
    runs.forEach((run, at) => {
      const box = this.entries.get(run.id).box;
      if (this.list.childNodes[at] !== box) this.list.insertBefore(box, this.list.childNodes[at] || null);
    });
  }
}

// The line of facts that changes every second.
function progressFacts(summary) {
  const facts = [];
  const add = (name, text) => facts.push(element('div', {}, textElement('dt', name),
                                                 textElement('dd', text)));
  if (summary.num_stages) {
    add('stage', (summary.stage_index + 1) + ' of ' + summary.num_stages +
                 (summary.stage ? ', ' + visible(summary.stage) : ''));
  }
  if (summary.stage) add('step', stageText(summary).split('step ')[1]);
  const runs = summary.state === 'running';
  if (runs && summary.phase) add('phase', visible(summary.phase));
  if (runs && summary.eta !== null && summary.eta !== undefined) {
    add('time left', '≈ ' + formatSeconds(summary.eta));
  }
  const over = ['finished', 'stopped', 'failed'].includes(summary.state);
  add(over ? 'ended' : 'heartbeat', ageText(secondsSince(summary)));
  return element('dl', {class: 'facts-list'}, ...facts);
}

// The stages in their order: done, under way, to come.
function stageRail(info, summary) {
  const rail = element('ol', {class: 'rail', 'aria-label': 'Stages'});
  const current = info.stages.findIndex(stage => stage.name === summary.stage);
  info.stages.forEach((stage, at) => {
    const over = summary.state === 'finished' || at < current;
    const now = !over && at === current;
    const step = now ? summary.step : stage.last_step;
    const entry = element('li', {class: over ? 'over' : now ? 'now' : 'coming'},
      textElement('b', visible(stage.name)), ' ', textElement('small', stage.kind));
    entry.append(textElement('span', over ? ' (done)' : now ? ' (under way)' : ' (to come)',
                             'hidden-text'));
    entry.append(progressBar(over ? 1 : step, over ? 1 : stage.max_steps || 1,
                             'Progress of ' + stage.name));
    if (now) entry.setAttribute('aria-current', 'step');
    rail.append(entry);
  });
  return rail;
}

function hintLink(link) {
  return button('What to do', 'What to do about it: ' + link, () => showHelp(link));
}

function hintList(hints) {
  const list = element('ul', {class: 'hints', 'aria-label': 'Hints'});
  for (const hint of hints) {
    const entry = element('li', {class: hint.level === 'warning' ? 'warning' : 'info'},
      textElement('b', hint.level === 'warning' ? '⚠ Warning' : 'Note'), ' ',
      textElement('span', visible(hint.text)));
    if (hint.link) entry.append(' ', hintLink(hint.link));
    list.append(entry);
  }
  return list;
}

const TILES = [
  ['reward', 'Reward', 'number', ''], ['accuracy', 'Accuracy of the batch', 'share', ''],
  ['completions/mean_length', 'Answer length', 'number', 'tokens'],
  ['entropy', 'Entropy', 'number', 'nats'], ['loss', 'Loss', 'number', ''],
  ['mean_token_accuracy', 'Token accuracy', 'share', ''],
  ['tokens_per_second/rollout', 'Sampled per second', 'number', 'tokens'],
  ['tokens_per_second/update', 'Trained per second', 'number', 'tokens'],
];
const MOST_TILES = 4;

function sparkline(values) {
  const name = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(name, 'svg');
  const line = document.createElementNS(name, 'polyline');
  const every = Math.max(1, Math.ceil(values.length / 80));
  const kept = values.filter((value, at) => at % every === 0 || at === values.length - 1);
  const low = Math.min(...kept);
  const size = Math.max(...kept) - low || 1;
  line.setAttribute('points', kept.map((value, at) =>
    (at * 100 / Math.max(1, kept.length - 1)).toFixed(1) + ',' +
    (26 - (value - low) * 24 / size).toFixed(1)).join(' '));
  svg.setAttribute('viewBox', '0 0 100 28');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(line);
  return svg;
}

// The first numbers of the list that the newest stage has, big.
function valueTiles(run) {
  const stage = run.metrics[run.metrics.length - 1];
  const tiles = element('div', {class: 'cards tiles'});
  for (const [key, title, format, unit] of TILES) {
    const values = ((stage && stage.columns[key]) || []).filter(value => value !== null);
    if (values.length === 0 || tiles.childNodes.length === MOST_TILES) continue;
    const numbers = element('p', {class: 'numbers'},
      textElement('strong', formatValue(values[values.length - 1], format)));
    if (unit) numbers.append(textElement('small', unit));
    tiles.append(element('div', {class: 'card'}, textElement('h3', title), numbers,
      sparkline(values), textElement('p', stage.stage + ' began at ' +
                                     formatValue(values[0], format), 'note')));
  }
  return tiles;
}

function showStatus(place, run) {
  place.textContent = '';
  if (!run) {
    place.append(textElement('h1', 'No run yet'),
                 missing('This page fills by itself as soon as a run begins in the folder.'));
    return;
  }
  const {summary, info} = run;
  const head = element('div', {class: 'run-head'}, textElement('h1', visible(run.title)),
                       stateChip(summary));
  if (summary.name && summary.name !== run.title) {
    head.append(textElement('small', 'recipe ' + visible(summary.name)));
  }
  place.append(head);
  const trouble = ['stalled', 'dead', 'failed'].includes(stateOf(summary));
  if (trouble) {
    const text = stateWords(summary) + (summary.message ? ': ' + summary.message : '');
    const alert = textElement('p', 'The run is ' + visible(text) + '.', 'trouble');
    alert.setAttribute('role', 'alert');
    const told = ((info && info.hints) || []).find(hint => hint.link.endsWith(LIFE_HINTS));
    if (told) alert.append(' ', hintLink(told.link));
    place.append(alert);
  }
  if (summary.description) place.append(textElement('p', visible(summary.description), 'description'));
  place.append(progressFacts(summary));
  if (info && info.stages.length > 0) place.append(stageRail(info, summary));
  const hints = ((info && info.hints) || []).filter(hint =>
    !trouble || !hint.link.endsWith(LIFE_HINTS));
  if (hints.length > 0) place.append(hintList(hints));
  place.append(valueTiles(run));
}

// Everything that the program made tables of, and what the run was started with.
function showStageTables(place, run) {
  place.textContent = '';
  const info = run && run.info;
  if (!info) return;
  const grids = [...info.tables, info.costs.grid].filter(grid => grid && grid.rows.length > 0);
  place.append(...grids.map(gridTable));
  if (grids.length === 0) place.append(missing('No stage has been measured yet.'));
  const facts = [['seed', info.seed], ['device', info.device], ['version', info.version],
                 ['recipe', info.hash], ['threads', run.summary.threads]];
  const list = element('dl', {class: 'facts-list'});
  for (const [name, value] of facts) {
    if (value === null || value === undefined || value === '') continue;
    list.append(element('div', {}, textElement('dt', name), textElement('dd', visible(String(value)))));
  }
  place.append(textElement('h2', 'The run'), list);
  if (info.claim) place.append(textElement('blockquote', visible(info.claim), 'claim'));
  if (info.command) place.append(textElement('pre', visible(info.command), 'command'));
  const notes = info.notes || [];
  if (notes.length > 0) {
    place.append(element('ul', {class: 'notes'}, ...notes.map(note =>
      textElement('li', visible(note)))));
  }
}
