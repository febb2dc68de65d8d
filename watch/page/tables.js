// The evaluation tables: one row an evaluation, intervals drawn as bars.

const DIFFICULTIES = ['easy', 'medium', 'hard'];
const MAIN_KEYS = new Set([
  'num_prompts', 'accuracy', 'accuracy_greedy', 'mean_length', 'length_p10', 'length_p50',
  'length_p90', 'mean_length_greedy', 'clipped_ratio', 'reflection/wait',
]);
// Keys with a table of their own, or shown beside the number they belong to.
const SHOWN_KEYS = /^(by_difficulty|by|trace|pass_at_k|cons_at_k|sampling)\/|_interval\/(low|high)$/;

function cell(text, className) {
  const box = element('td', className ? {class: className} : {});
  box.textContent = text;
  return box;
}

// A share with its interval: the number, and a bar from 0 to 1 that shows both.
function shareCell(values, key) {
  const value = values[key];
  if (value === undefined || value === null) return cell('–', 'number');
  const low = values[key + '_interval/low'];
  const high = values[key + '_interval/high'];
  const box = cell(formatValue(value, 'share'), 'number share');
  if (low === undefined || high === undefined) return box;
  const range = element('small');
  range.textContent = formatValue(low, 'share').replace(' %', '') + ' – ' +
                      formatValue(high, 'share');
  const bar = element('span', {class: 'bar', 'aria-hidden': 'true'});
  const inner = element('i');
  inner.style.left = low * 100 + '%';
  inner.style.width = Math.max(0, high - low) * 100 + '%';
  const mark = element('b');
  mark.style.left = value * 100 + '%';
  bar.append(inner, mark);
  box.append(range, bar);
  return box;
}

function numberCell(value, format) {
  return cell(formatValue(value, format || 'number'), 'number');
}

function makeTable(title, note, columns, rows) {
  const used = columns.filter(column => rows.some(row => column.has(row)));
  const head = element('tr');
  for (const column of used) {
    const th = element('th', {scope: 'col', class: column.number ? 'number' : ''});
    th.textContent = column.name;
    head.append(th);
  }
  const body = element('tbody');
  for (const row of rows) body.append(element('tr', {}, ...used.map(column => column.cell(row))));
  const heading = element('h3');
  heading.textContent = title;
  const parts = [heading];
  if (note) {
    const text = element('p', {class: 'note'});
    text.textContent = note;
    parts.push(text);
  }
  const size = rows.length > 24 ? 'scroll tall' : 'scroll';
  parts.push(element('div', {class: size, tabindex: '0', role: 'region', 'aria-label': title},
                     element('table', {}, element('thead', {}, head), body)));
  return element('div', {class: 'block'}, ...parts);
}

function samplingText(values) {
  const temperature = values['sampling/temperature'];
  const samples = values['sampling/num_samples'];
  const parts = [];
  if (temperature !== undefined) parts.push('T = ' + temperature);
  if (samples > 1) parts.push('× ' + samples);
  return parts.join(' ');
}

function identityColumns(runs, rows) {
  const text = (name, get) => ({name, has: row => Boolean(get(row)), cell: row => cell(get(row))});
  const columns = [
    text('Stage', row => row.stage),
    text('Policy', row => (row.policy === row.stage ? '' : row.policy)),
    {name: 'Step', number: true, has: () => true, cell: row => cell(String(row.step), 'number')},
  ];
  const tell = (name, get) => {
    if (new Set(rows.map(get)).size > 1) columns.splice(2, 0, text(name, get));
  };
  tell('Sampling', row => samplingText(row.values));
  tell('Data', row => row.data);
  if (runs.length > 1) columns.unshift(text('Run', row => row.run.title));
  return columns;
}

function valueColumn(name, key, format) {
  return {name, number: true, has: row => row.values[key] !== undefined,
          cell: row => numberCell(row.values[key], format)};
}

function shareColumn(name, key) {
  return {name, number: true, has: row => row.values[key] !== undefined,
          cell: row => shareCell(row.values, key)};
}

// Keys that have no column of their own still are shown: nothing measured is hidden.
function otherTable(rows, runs) {
  const keys = new Set();
  for (const row of rows) {
    for (const key of Object.keys(row.values)) {
      if (!MAIN_KEYS.has(key) && !SHOWN_KEYS.test(key)) keys.add(key);
    }
  }
  if (keys.size === 0) return null;
  const isShare = key => /(accuracy|_frac|_ratio|_share)$/.test(key);
  const used = rows.filter(row => [...keys].some(key => row.values[key] !== undefined));
  const columns = [...identityColumns(runs, used), ...[...keys].sort().map(key => {
    const name = key.replace(/[_/]/g, ' ');
    return isShare(key) ? shareColumn(name, key) : valueColumn(name, key);
  })];
  return makeTable('Other measurements', '', columns, used);
}

function mainTable(rows, runs) {
  const range = {name: 'p10 – p90', number: true, has: row => row.values.length_p90 !== undefined,
                 cell: row => cell(formatNumber(row.values.length_p10) + ' – ' +
                                   formatNumber(row.values.length_p90), 'number')};
  const columns = [
    ...identityColumns(runs, rows), valueColumn('Prompts', 'num_prompts'),
    shareColumn('Accuracy, sampled', 'accuracy'),
    shareColumn('Accuracy, greedy', 'accuracy_greedy'),
    valueColumn('Mean length', 'mean_length', 'tenths'), range,
    valueColumn('Greedy length', 'mean_length_greedy', 'tenths'),
    valueColumn('Retries', 'reflection/wait'),
    valueColumn('Cut off', 'clipped_ratio', 'share'),
  ];
  return makeTable('All evaluations', 'Intervals are 95 % bootstrap intervals over prompts.',
                   columns, rows);
}

function difficultyTable(rows, runs) {
  const found = new Set();
  for (const row of rows) {
    for (const key of Object.keys(row.values)) {
      const match = /^by_difficulty\/(.*)\/[^/]*$/.exec(key);
      if (match) found.add(match[1]);
    }
  }
  const rank = name => (DIFFICULTIES.indexOf(name) + DIFFICULTIES.length + 1) %
                       (DIFFICULTIES.length + 1);
  const names = [...found].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const pair = name => [
    valueColumn(name + ' accuracy', 'by_difficulty/' + name + '/accuracy', 'share'),
    valueColumn(name + ' length', 'by_difficulty/' + name + '/mean_length', 'tenths'),
  ];
  const columns = [...identityColumns(runs, rows), ...names.flatMap(pair)];
  return names.length === 0 ? null : makeTable('By difficulty', '', columns, rows);
}

function prefixTable(rows, runs, title, note, prefixes, format) {
  const keys = new Set();
  for (const row of rows) {
    for (const key of Object.keys(row.values)) {
      if (prefixes.some(prefix => key.startsWith(prefix))) keys.add(key);
    }
  }
  if (keys.size === 0) return null;
  const order = (a, b) => {
    const [one, two] = [a, b].map(key => [key.replace(/[0-9]+$/, ''),
                                          Number(/[0-9]*$/.exec(key)[0])]);
    return one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : one[1] - two[1];
  };
  const name = key => key.replace(/^(trace|by)\//, '').replace('pass_at_k/', 'pass@')
                         .replace('cons_at_k/', 'cons@').replace(/_frac$/, ' share')
                         .replace(/_/g, ' ');
  const columns = [...identityColumns(runs, rows),
                   ...[...keys].sort(order).map(key => valueColumn(name(key), key, format(key)))];
  const used = rows.filter(row => [...keys].some(key => row.values[key] !== undefined));
  return makeTable(title, note, columns, used);
}

function showEvaluations(runs, section) {
  section.textContent = '';
  const rows = runs.flatMap(run => run.evaluations.map(evaluation => ({...evaluation, run})));
  const heading = element('h2');
  heading.textContent = 'Evaluations';
  section.append(heading);
  if (rows.length === 0) {
    section.append(missing('Nothing has been evaluated in what is shown here.'));
    return;
  }
  const share = key => (/(_frac|accuracy)$|_at_k/.test(key) ? 'share' : 'number');
  const tables = [
    mainTable(rows, runs), difficultyTable(rows, runs),
    prefixTable(rows, runs, 'How answers end', 'Direct answers, searches given up and searches ' +
                'that found, with the accuracy of each.', ['trace/'], share),
    prefixTable(rows, runs, 'Several samples a prompt', 'pass@k: one of k is right. cons@k: the ' +
                'majority of k is right.', ['pass_at_k/', 'cons_at_k/'], share),
    prefixTable(rows, runs, 'By a column of the problems', '', ['by/'],
                key => (/mean_length$|num_prompts$/.test(key) ? 'number' : 'share')),
    otherTable(rows, runs),
  ];
  section.append(...tables.filter(Boolean));
}
