// What every page builds with: elements whose text is never markup, and texts for people.

// A new element with attributes and children. Strings become text nodes, never markup.
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function textElement(tag, text, className) {
  const node = element(tag, className ? {class: className} : {});
  node.textContent = text;
  return node;
}

function missing(text) {
  return textElement('p', text, 'missing');
}

function formatSeconds(seconds) {
  if (!isFinite(seconds) || seconds === null) return '–';
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), 'h'], [Math.floor(whole / 60) % 60, 'min'],
                 [whole % 60, 's']];
  const first = parts.findIndex(part => part[0] > 0);
  if (first < 0) return formatNumber(seconds) + ' s';
  return parts.slice(first, first + 2).map(part => part[0] + ' ' + part[1]).join(' ');
}

function runSwatch(run) {
  const swatch = element('i', {class: 'swatch', 'aria-hidden': 'true'});
  swatch.style.color = 'var(' + run.color + ')';
  return swatch;
}
