'use strict';
// One answer as a card: what it got and why, and its text. Text of a model only ever becomes text
// nodes, in pieces that the browser lays out when they come into view.

const PIECE = 4000;
const MOST_SPANS = 3000;

// The text in pieces of at most PIECE characters, cut after a line where there is one.
function textPieces(text) {
  const pieces = [];
  let at = 0;
  while (at < text.length) {
    let end = Math.min(text.length, at + PIECE);
    if (end < text.length) {
      const line = text.lastIndexOf('\n', end - 1);
      if (line > at) end = line + 1;
      else if (/[\ud800-\udbff]/.test(text[end - 1])) end -= 1;
    }
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

// Text of any size. Laying out one line of a megabyte would stop the page for seconds.
function longText(text) {
  const box = element('pre', {class: 'answer long', tabindex: '0'});
  for (const piece of textPieces(text)) {
    box.append(textElement('span', visible(piece).replace(/\n$/, ''), 'piece'));
  }
  return box;
}

function signed(value) {
  if (value === null || value === undefined) return '–';
  return (value > 0 ? '+' : '') + formatNumber(value);
}

// The tokens with a ground that says how unlikely each was; the number stands in its title.
function shadedTokens(tokens, logprobs) {
  const box = element('pre', {class: 'answer'});
  tokens.slice(0, MOST_SPANS).forEach((token, at) => {
    const logprob = logprobs[at];
    const level = Math.min(5, Math.floor(-(logprob || 0)));
    const span = textElement('span', visible(String(token)), level > 0 ? 'unlikely u' + level : '');
    if (logprob !== null && logprob !== undefined) {
      span.title = 'log-probability ' + logprob.toFixed(3) + ', probability ' +
                   formatValue(Math.exp(logprob), 'share');
    }
    box.append(span);
  });
  if (tokens.length > MOST_SPANS) box.append(visible(tokens.slice(MOST_SPANS).join('')));
  return box;
}

function answerBody(answer, shaded) {
  const tokens = answer.tokens;
  const values = answer.logprobs;
  if (shaded && tokens && values && tokens.length > 0) return shadedTokens(tokens, values);
  const text = answer.completion;
  const box = text.length > PIECE ? longText(text) : answerText(text);
  box.setAttribute('tabindex', '0');
  box.setAttribute('aria-label', 'Text of the answer');
  return box;
}

function answerFacts(answer) {
  const list = element('dl', {class: 'answer-facts'});
  const add = (name, text, className) => {
    list.append(element('div', className ? {class: className} : {}, textElement('dt', name),
                        textElement('dd', visible(String(text)))));
  };
  add('reward', formatNumber(answer.reward));
  const parts = Object.entries(answer.rewards || {});
  if (parts.length > 1) {
    for (const [name, value] of parts) add(name, value === null ? 'none' : formatNumber(value));
  }
  add('advantage', signed(answer.advantage));
  add('tokens', formatNumber(answer.num_tokens));
  add('end', answer.finish_reason === 'length' ? 'cut off at the limit' : 'by itself');
  if (answer.extracted) add('extracted', answer.extracted, 'broad');
  if (answer.reason && answer.reason !== 'correct') add('why', answer.reason, 'broad');
  return list;
}

// What a cut text lacks, with a button that fetches the whole answer.
function cutNote(answer, showAll) {
  const note = element('p', {class: 'cut'});
  note.append(textElement('span', 'Cut here: ' + answer.truncated_bytes.toLocaleString('en') +
                          ' bytes more. '));
  const more = element('button', {type: 'button'}, 'Show all, up to 2 MB');
  more.addEventListener('click', async () => {
    more.disabled = true;
    try {
      const whole = await showAll();
      const left = whole.truncated_bytes || 0;
      note.previousElementSibling.replaceWith(longText(whole.completion));
      note.textContent = left > 0 ? left.toLocaleString('en') + ' bytes more are not shown.' : '';
    } catch (error) {
      more.disabled = false;
      note.append(' It could not be fetched: ' + error.message + '.');
    }
  });
  note.append(more);
  return note;
}

// `showAll` returns a promise of the answer with its whole text.
function liveCard(answer, title, shaded, showAll) {
  const head = element('header', {}, textElement('h4', title), badge(answer));
  const card = element('article', {class: answer.correct ? 'answer-card is-right'
                                                         : 'answer-card is-wrong'},
                       head, answerFacts(answer), answerBody(answer, shaded));
  if (answer.truncated_bytes > 0) card.append(cutNote(answer, showAll));
  return card;
}

// A piece of a text around the first place where `words` stands, for lists of results.
function excerpt(text, words) {
  // Where the text was cut before the words, its beginning is shown.
  const at = text.indexOf(words);
  if (at < 0) return textElement('code', visible(text.slice(0, 180)), 'excerpt');
  const from = Math.max(0, at - 60);
  const box = element('code', {class: 'excerpt'});
  box.append((from > 0 ? '… ' : '') + visible(text.slice(from, at)),
             textElement('mark', visible(text.slice(at, at + words.length))),
             visible(text.slice(at + words.length, at + words.length + 120)));
  return box;
}
