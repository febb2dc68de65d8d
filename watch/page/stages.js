// What the stages of a chain reached, and what they cost. The tables are made by the program, as
// `reckon table` prints them: header, rows, note, all of them text.

// A number with its ± or (low to high) smaller beside it.
function gridCell(text) {
  const at = text.search(/ [±(]/);
  if (at < 0) return cell(visible(text), 'number');
  const box = cell(visible(text.slice(0, at)) + ' ', 'number');
  box.append(textElement('small', visible(text.slice(at + 1))));
  return box;
}

function gridTable(grid) {
  const columns = grid.header.map((name, at) => ({
    name: visible(name), number: at > 0, has: () => true,
    cell: row => (at > 0 ? gridCell(row[at]) : cell(visible(row[at]))),
  }));
  const box = makeTable(visible(grid.title), visible(grid.note), columns, grid.rows);
  box.classList.add('grid');
  return box;
}

// Shows the tables that have rows under one heading; without any, nothing.
function showGrids(section, title, grids) {
  section.textContent = '';
  const used = grids.filter(grid => grid && grid.rows.length > 0);
  section.hidden = used.length === 0;
  if (used.length > 0) section.append(textElement('h2', title), ...used.map(gridTable));
}

function showStages(runs, recipes, section) {
  const shown = (recipes || []).filter(recipe => runs.some(run => run.name === recipe.name));
  const each = runs.map(run => run.stage_table);
  const all = shown.flatMap(recipe => recipe.tables);
  // Of several runs the means are what a reader wants first.
  showGrids(section, 'Stages', runs.length > 1 ? [...all, ...each] : [...each, ...all]);
}

function showCost(runs, published, section) {
  const costs = runs.map(run => run.cost);
  const any = costs.some(grid => grid && grid.rows.length > 0);
  showGrids(section, 'Cost', any ? [...costs, published] : []);
}
