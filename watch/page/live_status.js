'use strict';
// The list of runs, and what is going on in the chosen one: state, stage, phase, time left, hints.

const STATE_MARKS = {running: '●', finished: '✓', failed: '✗', dead: '✗', stalled: '‖',
                     interrupted: '‖'};

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
  const state = stateOf(summary);
  const chip = element('span', {class: 'state state-' + state.replace(/[^a-z]/g, '')});
  chip.append(textElement('i', STATE_MARKS[state] || '·'), ' ' + state);
  chip.firstChild.setAttribute('aria-hidden', 'true');
  return chip;
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

// One entry of the list: the tick lays the run over the others, the name chooses it.
function runEntry(run, page) {
  const tick = element('input', {type: 'checkbox', 'aria-label': 'Show the curves of ' + run.title});
  tick.checked = page.shown.has(run.id);
  tick.dataset.key = 'tick ' + run.id;
  tick.addEventListener('change', () => page.lay(run.id, tick.checked));
  const choose = button('', null, () => page.choose(run.id));
  choose.dataset.key = 'run ' + run.id;
  const name = element('span', {class: 'run-title'});
  if (run.color && page.shown.size > 1) name.append(runSwatch(run));
  name.append(visible(run.title));
  choose.append(name, stateChip(run.summary),
                textElement('small', visible(stageText(run.summary)), 'run-stage'));
  if (page.chosen === run.id) choose.setAttribute('aria-current', 'true');
  return element('li', {}, tick, choose);
}

// Draws the list anew and leaves the focus where it was.
function showRuns(place, page) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const open = place.firstChild ? place.firstChild.open : matchMedia('(min-width: 901px)').matches;
  place.textContent = '';
  const list = element('ul', {}, ...page.runs.map(run => runEntry(run, page)));
  const box = element('details', {}, element('summary', {}, textElement('h2', 'Runs'),
    textElement('small', page.runs.length.toLocaleString('en'))), list);
  box.open = open;
  box.firstChild.dataset.key = 'summary';
  place.append(box);
  if (page.runs.length === 0) list.replaceWith(missing('No run in this folder yet.'));
  if (!focused) return;
  const again = [...place.querySelectorAll('[data-key]')].find(node => node.dataset.key === focused);
  if (again) again.focus();
}

// The line of facts that changes every second.
function progressFacts(summary) {
  const facts = [];
  const add = (name, text) => facts.push(element('div', {}, textElement('dt', name),
                                                 textElement('dd', text)));
  if (summary.num_stages) {
    add('stage', (summary.stage_index + 1) + ' of ' + summary.num_stages);
  }
  if (summary.stage) add('step', stageText(summary).split('step ')[1]);
  const runs = summary.state === 'running';
  if (runs && summary.phase) add('phase', visible(summary.phase));
  if (runs && summary.eta !== null && summary.eta !== undefined) {
    add('time left', '≈ ' + formatSeconds(summary.eta));
  }
  add('heartbeat', ageText(secondsSince(summary)));
  return element('dl', {class: 'facts-list'}, ...facts);
}

// The stages in their order: done, under way, to come.
function stageRail(info, summary) {
  const rail = element('ol', {class: 'rail', 'aria-label': 'Stages'});
  info.stages.forEach((stage, at) => {
    const over = summary.state === 'finished' || at < summary.stage_index;
    const now = !over && at === summary.stage_index;
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
  if (!/^https?:\/\//.test(link)) return textElement('code', link);
  const anchor = element('a', {rel: 'noreferrer noopener'}, 'What it means');
  anchor.href = link;
  return anchor;
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
  place.append(head);
  const trouble = ['stalled', 'dead', 'failed'].includes(stateOf(summary));
  if (trouble) {
    const text = stateWords(summary) + (summary.message ? ': ' + summary.message : '');
    const alert = textElement('p', 'The run is ' + visible(text) + '.', 'trouble');
    alert.setAttribute('role', 'alert');
    place.append(alert);
  }
  if (summary.description) place.append(textElement('p', visible(summary.description), 'description'));
  place.append(progressFacts(summary));
  if (info && info.stages.length > 0) place.append(stageRail(info, summary));
  if (info && info.hints && info.hints.length > 0) place.append(hintList(info.hints));
  place.append(valueTiles(run));
}

// Everything that the program made tables of, and what the run was started with.
function showStageTables(place, run) {
  place.textContent = '';
  const info = run && run.info;
  if (!info) return;
  const grids = [info.tables, info.costs].flat().filter(grid => grid && grid.rows && grid.rows.length);
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
