'use strict';
// What the page knows of the runs, and how it asks the server for more. Nothing here draws.

const METRIC_POINTS = 1000;
const LONGEST_KEYS = 5000;
const KIND_CHOICES = {
  reinforcement: 'Reinforcement learning', training: 'Other training', all: 'All stages',
};

async function fetchJson(path, query) {
  const given = Object.entries(query || {}).filter(([, value]) => value !== null);
  const text = given.map(([name, value]) => name + '=' + encodeURIComponent(value)
    .replace(/%2F/g, '/').replace(/%2C/g, ',')).join('&');
  const reply = await fetch(path + (text ? '?' + text : ''), {cache: 'no-store'});
  if (!reply.ok) {
    const error = new Error('expected an answer of the server, got ' + reply.status);
    throw Object.assign(error, {status: reply.status});
  }
  return reply.json();
}

function runPath(id, part) {
  return '/api/run/' + encodeURIComponent(id) + (part ? '/' + part : '');
}

function newRun(id) {
  return {id, title: id, color: null, summary: null, info: null, metrics: [], evaluations: [],
          keys: [], token: null, asked: new Set(), fetched: new Map()};
}

// Adds the rows of one stage's reply to what is there; a column that one side lacks gets gaps.
function appendRows(stage, rows) {
  const before = stage.steps.length;
  for (const name of ['steps', 'tokens', 'seconds']) stage[name].push(...rows[name]);
  for (const key of new Set([...Object.keys(stage.columns), ...Object.keys(rows.columns)])) {
    if (!stage.columns[key]) stage.columns[key] = new Array(before).fill(null);
    stage.columns[key].push(...(rows.columns[key] || new Array(rows.steps.length).fill(null)));
  }
}

// Brings the columns of `keys` up to date: what is new, or all of it where a key was not asked for
// before, a file was replaced, or small replies have piled up.
async function refreshMetrics(run, keys) {
  const more = keys.some(key => !run.asked.has(key));
  const long = run.metrics.some(stage => stage.steps.length > 3 * METRIC_POINTS);
  const whole = run.token === null || more || long;
  const wanted = new Set([...run.asked, ...keys]);
  const names = [...wanted].join(',');
  const reply = await fetchJson(runPath(run.id, 'metrics'), {
    // All of them, where their names are longer than an address may be.
    keys: names.length > LONGEST_KEYS ? null : names, points: METRIC_POINTS,
    after: whole ? null : run.token});
  if (whole || reply.reset) run.metrics = [];
  for (const rows of reply.stages) {
    const stage = run.metrics.find(known => known.stage === rows.stage);
    if (stage) appendRows(stage, rows);
    else run.metrics.push(rows);
  }
  run.asked = wanted;
  run.token = reply.token;
  run.keys = reply.keys;
}

async function refreshEvaluations(run) {
  const reply = await fetchJson(runPath(run.id, 'evaluations'));
  run.evaluations = reply.evaluations;
}

function isReinforcement(kind) {
  return kind === 'grpo';
}

// Names for people: the recipe's name, and what tells the runs apart where there are several.
function nameRuns(runs) {
  const shared = (run, get) => runs.filter(other => get(other) === get(run)).length > 1;
  for (const run of runs) {
    const about = run.summary;
    run.title = about.name || about.label;
    if (shared(run, other => other.summary.name) && about.label) run.title = about.label;
  }
  for (const run of runs.filter(run => shared(run, other => other.title))) {
    run.title += ' (' + run.id.slice(0, 4) + ')';
  }
}

// The stages that there is something to choose from, as [value, text].
function stageChoices(runs) {
  const stages = runs.flatMap(run => run.metrics);
  const kinds = new Set(stages.map(stage => isReinforcement(stage.kind)));
  const names = [...new Set(stages.map(stage => stage.stage))];
  const choices = names.length > 1 ? [['all', KIND_CHOICES.all]] : [];
  if (kinds.size > 1) {
    choices.unshift(['reinforcement', KIND_CHOICES.reinforcement],
                    ['training', KIND_CHOICES.training]);
  }
  return [...choices, ...names.map(name => ['stage:' + name, 'Stage ' + name])];
}

function isChosen(stage, choice) {
  if (choice === 'reinforcement') return isReinforcement(stage.kind);
  if (choice === 'training') return !isReinforcement(stage.kind);
  return choice === 'all' || choice === 'stage:' + stage.stage;
}

const AXIS_COLUMNS = {step: 'steps', tokens: 'tokens', time: 'seconds'};

// The chosen stages one after another on the axis: each with its start and its places. Tokens and
// seconds count on from stage to stage, steps begin anew.
function placeStages(run, choice, axis) {
  const placed = [];
  let start = 0;
  let before = 0;
  for (const stage of run.metrics) {
    const column = stage[AXIS_COLUMNS[axis]];
    if (column.length === 0) continue;
    const base = start - (axis === 'step' ? 0 : before);
    before = column[column.length - 1];
    if (!isChosen(stage, choice)) continue;
    placed.push({stage, base, from: start, xs: column.map(value => value + base)});
    start = base + before;
  }
  return placed;
}

// Where an evaluation at `step` of the placed stage lies.
function placeOfStep({stage, base, xs}, step, axis) {
  if (axis === 'step') return base + step;
  const next = stage.steps.findIndex(known => known >= step);
  if (next < 0) return xs[xs.length - 1];
  return stage.steps[next] === step || next === 0 ? xs[next] : xs[next - 1];
}

// Held-out evaluations that sampled, as points of the curve.
function heldOutCurve(run, placed, axis) {
  const sampled = run.evaluations.filter(line => line.values.accuracy !== undefined);
  const held_out = sampled.filter(line => line.data === 'held_out');
  const data = held_out.length > 0 ? 'held_out' : (sampled[0] || {}).data;
  const points = [];
  for (const line of sampled) {
    const place = placed.find(({stage}) => stage.stage === line.stage);
    if (line.data !== data || !place) continue;
    points.push({step: placeOfStep(place, line.step, axis), values: line.values});
  }
  return points.sort((a, b) => a.step - b.step);
}

// The run as the plots of the report want it, with `step` standing for a place on the chosen axis.
function viewOf(run, choice, axis) {
  const placed = placeStages(run, choice, axis);
  return {
    title: run.title, color: run.color, curve: heldOutCurve(run, placed, axis),
    metrics: placed.map(({stage, xs}) => ({
      reinforcement: true, offset: 0, steps: xs, columns: stage.columns})),
    boundaries: placed.length < 2 ? [] : placed.map(({stage, from}) => (
      {step: from, name: stage.stage})),
  };
}
