// Answers from the first and the last step side by side. Model output only ever becomes text nodes.

// Control characters and characters that turn the reading direction are made visible.
function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, c =>
    c === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, c =>
      '⟨U+' + c.charCodeAt(0).toString(16).toUpperCase() + '⟩');
}

// The text with tags of the answer format and retries marked. A trace without line breaks of its
// own gets one before each retry.
function answerText(text) {
  const box = element('pre', {class: 'answer'});
  const breaks = !text.includes('\n');
  for (const part of visible(text).split(/(<\/?(?:think|answer)>|\b[Ww]ait\b)/)) {
    if (/^<\/?(think|answer)>$/.test(part)) {
      const tag = element('span', {class: 'tag'});
      tag.textContent = part;
      box.append(tag);
    } else if (/^wait$/i.test(part)) {
      const retry = element('span', {class: 'retry'});
      retry.textContent = part;
      box.append(breaks ? '\n' : '', retry);
    } else {
      box.append(part);
    }
  }
  return box;
}

function badge(answer) {
  const mark = element('span', {class: answer.correct ? 'badge right' : 'badge wrong'});
  mark.textContent = answer.correct ? '✓ correct' : '✗ wrong';
  return mark;
}

function facts(answer) {
  const list = ['reward ' + formatNumber(answer.reward),
                formatNumber(answer.num_tokens) + ' tokens'];
  if (answer.finish_reason === 'length') list.push('cut off');
  if (!answer.correct && answer.reason) list.push(answer.reason);
  const line = element('p', {class: 'facts'}, badge(answer));
  for (const text of list) {
    const item = element('span');
    item.textContent = visible(text);
    line.append(item);
  }
  return line;
}

function answerCard(answer, when, withPrompt) {
  const card = element('div', {class: 'answer-card'});
  const title = element('h4');
  title.textContent = answer ? when + ', step ' + answer.step.toLocaleString('en') : when;
  card.append(title);
  if (!answer) {
    card.append(missing('No answer on record.'));
    return card;
  }
  card.append(facts(answer));
  if (withPrompt) card.append(promptText(answer));
  card.append(answerText(answer.completion));
  const size = answer.completion_bytes;
  if (size > answer.shown_bytes) {
    card.append(missing('Cut here: the answer has ' + size.toLocaleString('en') + ' bytes.'));
  }
  const group = element('p', {class: 'note'});
  group.textContent = 'Its group: ' + answer.group_correct + ' of ' + answer.group_size +
                      ' correct, mean length ' + formatNumber(answer.group_mean_length) + '.';
  card.append(group);
  return card;
}

function promptText(answer) {
  const box = element('p', {class: 'prompt'});
  const label = element('small');
  label.textContent = 'Prompt ';
  const text = element('code');
  text.textContent = visible(answer.prompt);
  box.append(label, text);
  return box;
}

function answerPair(pair) {
  const box = element('article', {class: 'pair'});
  const head = element('header');
  if (pair.difficulty) {
    const name = element('span', {class: 'difficulty'});
    name.textContent = visible(pair.difficulty);
    head.append(name);
  }
  if (pair.same_prompt && pair.before) head.append(promptText(pair.before));
  if (head.childNodes.length > 0) box.append(head);
  box.append(element('div', {class: 'sides'},
                     answerCard(pair.before, 'First', !pair.same_prompt),
                     answerCard(pair.after, 'Last', !pair.same_prompt)));
  return box;
}

function showAnswers(runs, section) {
  section.textContent = '';
  const heading = element('h2');
  heading.textContent = 'Answers, first step and last';
  const note = element('p', {class: 'note'});
  note.textContent =
    'Chosen by a fixed rule, not by hand: sample 0 of each group in the order of ' +
    'the file, the same prompt where both steps have it, else the same difficulty.';
  section.append(heading, note);
  for (const run of runs) {
    if (runs.length > 1) {
      const name = element('h3', {class: 'run-name'}, runSwatch(run));
      name.append(run.title);
      section.append(name);
    }
    if (run.answers.length === 0) section.append(missing('There are no answers on record.'));
    section.append(...run.answers.map(answerPair));
  }
}
