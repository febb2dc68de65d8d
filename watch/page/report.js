// The page: reads the data that stands in it, then shows it. Only readData knows where data comes
// from; everything else takes the runs as values.

function readData() {
  return JSON.parse(document.getElementById('data').textContent);
}

// Names for people: the recipe's name, and what tells the runs apart where there are several.
function nameRuns(runs) {
  runs.forEach((run, at) => {
    run.color = RUN_COLORS[at % RUN_COLORS.length];
    run.shown = true;
    run.title = run.name;
    const same = runs.filter(other => other.name === run.name).length > 1;
    if (same) run.title = run.seed === null ? run.label : run.name + ', seed ' + run.seed;
  });
  for (const run of runs) {
    const same = runs.filter(other => other.title === run.title);
    if (same.length > 1) same.forEach(other => { other.title = other.label; });
  }
}

function stateText(run) {
  if (!run.status || !run.status.state) return 'unknown';
  if (run.status.state === 'finished') return run.status.state;
  return run.status.state + ', ' + run.status.stage + ' step ' + run.status.step;
}

function runTime(run) {
  const whole = run.status && run.status.wall_time;
  return whole ? {label: 'wall time', seconds: whole} : {label: 'time of all steps',
                                                         seconds: run.step_seconds};
}

function runFacts(run) {
  const facts = [['seed', run.seed], ['device', run.device], ['threads', run.threads || null],
                 ['version', run.version], ['recipe', run.hash]];
  const time = runTime(run);
  if (time.seconds) facts.push([time.label, formatSeconds(time.seconds)]);
  const list = element('dl', {class: 'facts-list'});
  for (const [name, value] of facts) {
    if (value === null || value === undefined || value === '') continue;
    list.append(element('div', {}, textElement('dt', name), textElement('dd', String(value))));
  }
  const state = element('div', {}, textElement('dt', 'state'), textElement('dd', stateText(run)));
  list.append(state);
  return list;
}

function headlineCard(title, change, format, unit) {
  const card = element('div', {class: 'card'}, textElement('h3', title));
  const numbers = element('p', {class: 'numbers'},
    textElement('span', formatValue(change.before.value, format), 'old'),
    textElement('span', '→', 'arrow'),
    textElement('strong', formatValue(change.after.value, format)));
  if (unit) numbers.append(textElement('small', unit));
  card.append(numbers);
  const notes = [];
  if (change.after.low !== null && change.after.high !== null) {
    notes.push('95 % interval ' + formatValue(change.after.low, format).replace(' %', '') + ' – ' +
               formatValue(change.after.high, format));
  }
  if (format !== 'share' && change.before.value > 0) {
    notes.push('× ' + formatNumber(change.after.value / change.before.value));
  }
  if (notes.length > 0) card.append(textElement('p', notes.join(' · '), 'note'));
  return card;
}

const HEADLINES = [
  ['accuracy', 'Accuracy, sampled', 'share', ''],
  ['mean_length', 'Mean answer', 'number', 'tokens'],
  ['accuracy_greedy', 'Accuracy, greedy', 'share', ''],
  ['retries', 'Retries per answer', 'number', ''],
];

function headlineCards(run) {
  const cards = element('div', {class: 'cards'});
  let change = null;
  for (const [key, title, format, unit] of HEADLINES) {
    if (!run.headline[key]) continue;
    change = run.headline[key];
    cards.append(headlineCard(title, change, format, unit));
  }
  if (!change) return [];
  const data = run.headline.data === 'held_out' ? 'Held-out problems' : run.headline.data;
  const [from, to] = [change.before, change.after].map(side => side.step.toLocaleString('en'));
  return [textElement('p', data + ', step ' + from + ' → step ' + to, 'note cards-title'), cards];
}

function changeText(change, format) {
  return change ? formatValue(change.before.value, format) + ' → ' +
                  formatValue(change.after.value, format) : '–';
}

function runsTable(runs) {
  const always = () => true;
  const text = (name, get) => ({name, has: always, cell: run => cell(get(run) ?? '–')});
  const columns = [
    {name: 'Run', has: always, cell: run => element('td', {}, runSwatch(run), run.title)},
    text('Seed', run => run.seed), text('Device', run => run.device || '–'),
    text('State', stateText), text('Time', run => formatSeconds(runTime(run).seconds)),
    ...HEADLINES.map(([key, name, format]) => ({
      name, number: true, has: run => Boolean(run.headline[key]),
      cell: run => cell(changeText(run.headline[key], format), 'number'),
    })),
  ];
  return makeTable('Before and after', '', columns, runs);
}

function showHead(runs, head) {
  const one = runs.length === 1 ? runs[0] : null;
  const names = [...new Set(runs.map(run => run.name))];
  const title = one ? one.name : names.length === 1 ? names[0] + ', ' + runs.length + ' runs'
                                                    : runs.length + ' runs';
  document.title = title + ' · reckon report';
  head.append(textElement('p', 'reckon report', 'brand'), textElement('h1', title));
  for (const text of new Set(runs.map(run => run.description).filter(Boolean))) {
    head.append(textElement('p', text, 'description'));
  }
  if (one) head.append(runFacts(one), ...headlineCards(one));
  if (!one) head.append(runsTable(runs));
  for (const claim of new Set(runs.map(run => run.claim).filter(Boolean))) {
    head.append(textElement('blockquote', claim, 'claim'));
  }
  for (const run of runs) {
    if (!run.status || !run.status.message || run.status.state === 'finished') continue;
    head.append(missing(run.title + ' ' + run.status.state + ': ' + run.status.message));
  }
  const notes = runs.flatMap(run => run.notes.map(note => (one ? '' : run.title + ': ') + note));
  if (notes.length > 0) {
    head.append(element('ul', {class: 'notes'}, ...notes.map(note => textElement('li', note))));
  }
}

// The window of the moving average: `strength` percent of the section's steps, within reason.
function smoothingWidth(runs, reinforcement, strength) {
  const counts = runs.flatMap(run => run.metrics.filter(m => m.reinforcement === reinforcement)
    .map(m => m.steps.length));
  return Math.round(Math.min(400, Math.max(0, ...counts)) * strength / 100);
}

function stageBoundaries(runs, reinforcement) {
  const stages = runs.length === 0 ? [] : runs[0].stages.filter(stage =>
    stage.reinforcement === reinforcement && stage.last_step > 0);
  return stages.length < 2 ? [] : stages.map(stage => ({step: stage.offset, name: stage.name}));
}

// One group of plots with a common step axis and zoom.
function makeSection(title, runs, reinforcement, plots, strength) {
  const grid = element('div', {class: 'plots'});
  const reset = element('button', {type: 'button', hidden: ''}, 'Show all steps');
  const boundaries = stageBoundaries(runs, reinforcement);
  const section = {reinforcement, grid, graphs: [], boundaries};
  let busy = false;
  section.zoom = (range, origin) => {
    if (busy) return;
    busy = true;
    const full = origin && !origin.isZoomed('x');
    for (const {graph, fixed} of section.graphs) {
      if (range === null || full) {
        graph.resetZoom();
        // The library forgets a fixed range when it zooms out.
        if (fixed) graph.updateOptions({valueRange: [...fixed]});
      } else if (graph !== origin) {
        graph.updateOptions({dateWindow: range});
      }
    }
    reset.hidden = range === null || Boolean(full);
    busy = false;
  };
  reset.addEventListener('click', () => section.zoom(null));
  const names = [...new Set(runs.flatMap(run => run.stages.filter(stage =>
    stage.reinforcement === reinforcement && stage.last_step > 0).map(stage => stage.name)))];
  const heading = element('div', {class: 'section-head'}, textElement('h2', title));
  if (names.length > 0) heading.append(textElement('span', names.join(', '), 'note'));
  heading.append(reset);
  const width = smoothingWidth(runs, reinforcement, strength);
  return {box: element('div', {class: 'group'}, heading, grid),
          draw: () => plots.filter(plot => drawPlot(plot, runs, section, width)).length,
          clear: () => section.graphs.forEach(item => item.graph.destroy())};
}

function showCurves(runs, place, strength, previous) {
  previous.forEach(section => section.clear());
  place.textContent = '';
  const learns = runs.some(run => run.metrics.some(stage => stage.reinforcement));
  const sections = [
    makeSection('Reinforcement learning', runs, true,
                withParts([...REINFORCEMENT_PLOTS, ...COMMON_PLOTS], runs), strength),
    makeSection(learns ? 'Training before it' : 'Training', runs, false,
                [...SUPERVISED_PLOTS, ...COMMON_PLOTS], strength),
  ];
  for (const section of sections) {
    place.append(section.box);
    if (section.draw() === 0) section.box.remove();
  }
  if (place.childNodes.length === 0) {
    place.append(textElement('h2', 'Curves'), missing('There is no curve to show yet.'));
  }
  return sections;
}

function showAbout(runs, section) {
  const commands = runs.filter(run => run.command);
  const stages = runs.flatMap(run => run.stages.map(stage => ({...stage, run})));
  if (stages.length > 0) {
    const columns = [
      {name: 'Run', has: () => runs.length > 1, cell: row => cell(row.run.title)},
      {name: 'Stage', has: () => true, cell: row => cell(row.name)},
      {name: 'Kind', has: row => Boolean(row.kind), cell: row => cell(row.kind || '–')},
      {name: 'Steps', number: true, has: () => true, cell: row => cell(
        row.last_step.toLocaleString('en') +
        (row.max_steps ? ' of ' + row.max_steps.toLocaleString('en') : ''), 'number')},
    ];
    section.append(textElement('h2', 'The run'), makeTable('Stages of the recipe', '', columns, stages));
  }
  for (const run of commands) section.append(textElement('pre', visible(run.command), 'command'));
}

function makeControls(runs, box, update) {
  const inner = element('div', {class: 'wrap'});
  if (runs.length > 1) {
    const group = element('fieldset', {}, textElement('legend', 'Runs'));
    for (const run of runs) {
      const input = element('input', {type: 'checkbox', checked: ''});
      input.addEventListener('change', () => { run.shown = input.checked; update(); });
      group.append(element('label', {}, input, runSwatch(run), run.title));
    }
    inner.append(group);
  }
  const slider = element('input', {type: 'range', min: '0', max: '20', step: '1', value: '6',
                                   id: 'smoothing', 'aria-label': 'Smoothing of noisy curves'});
  slider.addEventListener('input', update);
  inner.append(element('label', {}, 'Smoothing', slider));
  const hint = 'Drag across a plot to zoom, double-click to return.';
  inner.append(textElement('span', hint, 'note hint'));
  box.append(inner);
  return slider;
}

function showPage(data) {
  const runs = data.runs;
  const place = id => document.getElementById(id);
  nameRuns(runs);
  showHead(runs, place('head'));
  let sections = [];
  let slider = null;
  const draw = () => {
    const shown = runs.filter(run => run.shown);
    sections = showCurves(shown, place('curves'), Number(slider.value), sections);
  };
  const update = event => {
    draw();
    if (event && event.target === slider) return;
    showStages(runs.filter(run => run.shown), data.recipes, place('stages'));
    showCost(runs.filter(run => run.shown), data.published_cost, place('cost'));
    showEvaluations(runs.filter(run => run.shown), place('evaluations'));
    showAnswers(runs.filter(run => run.shown), place('answers'));
  };
  slider = makeControls(runs, place('controls'), update);
  update();
  showAbout(runs, place('about'));
  // The canvas knows no style sheet: it is drawn again in the other scheme's colours.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

showPage(readData());
