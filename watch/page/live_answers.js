'use strict';
// The answers of the chosen run: by step and prompt, a whole group side by side, search, and how
// the answer to one prompt changed.

const MOST_CHANGES = 24;

function answersOf(groups) {
  return groups.flatMap(group => group.answers);
}

class AnswersView {
  constructor(place) {
    Object.assign(this, {place, run: null, steps: [], stage: null, at: 0, groups: [], chosen: null,
                         follow: true, shaded: true, asked: 0});
    this.makeControls();
    this.list = element('nav', {class: 'prompts', 'aria-label': 'Prompts of this step'});
    this.group = element('div', {class: 'group-view', 'aria-live': 'off'});
    // Who reads an answer does not want it replaced by a newer one.
    for (const event of ['pointerdown', 'wheel', 'focusin']) {
      this.group.addEventListener(event, () => this.setFollow(false), {passive: true});
    }
    this.found = element('div', {class: 'found', hidden: ''});
    this.nothing = missing('There are no answers on record yet.');
    this.sides = element('div', {class: 'answers-frame'}, this.list, this.group);
    place.append(this.controls, this.nothing, this.found, this.sides);
  }

  makeControls() {
    this.stageBox = element('span');
    this.slider = element('input', {type: 'range', min: '0', step: '1', class: 'steps',
                                    'aria-label': 'Step'});
    this.slider.addEventListener('input', () => this.goTo(Number(this.slider.value)));
    this.where = element('output', {class: 'where'});
    this.newest = element('input', {type: 'checkbox', checked: ''});
    this.newest.addEventListener('change', () => {
      this.follow = this.newest.checked;
      if (this.follow) this.goTo(this.stageSteps.length - 1, true);
    });
    const shade = element('input', {type: 'checkbox', checked: ''});
    shade.addEventListener('change', () => {
      this.shaded = shade.checked;
      this.showGroup();
    });
    this.shade = element('label', {hidden: ''}, shade, 'Shade unlikely tokens');
    this.words = element('input', {type: 'search', placeholder: 'Find in all answers …',
                                   'aria-label': 'Find in all answers of the run'});
    const form = element('form', {class: 'search', role: 'search'}, this.words,
                         element('button', {type: 'submit'}, 'Find'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.search(this.words.value.trim());
    });
    this.controls = element('div', {class: 'controls'}, element('div', {class: 'wrap'},
      this.stageBox, element('span', {class: 'stepper'},
        button('◀', 'Step before', () => this.goTo(this.at - 1)), this.slider,
        button('▶', 'Step after', () => this.goTo(this.at + 1)), this.where),
      element('label', {}, this.newest, 'Follow the newest'), this.shade, form));
  }

  get stageSteps() {
    return this.steps.filter(step => step.stage === this.stage);
  }

  // Shows `run`, or what is new of it.
  async update(run) {
    if (this.run !== run) {
      Object.assign(this, {run, stage: null, at: 0, groups: [], chosen: null, shownKey: null});
      this.closeFound();
    }
    const reply = await fetchJson(runPath(run.id, 'completions'));
    if (this.run !== run) return;
    this.steps = reply.steps;
    const any = this.steps.length > 0;
    this.nothing.hidden = any;
    this.sides.hidden = !any;
    this.controls.hidden = !any;
    if (!any) return;
    const stages = [...new Set(this.steps.map(step => step.stage))];
    if (this.follow || !stages.includes(this.stage)) this.stage = stages[stages.length - 1];
    this.showStages(stages);
    const last = this.stageSteps.length - 1;
    await this.goTo(this.follow ? last : Math.min(this.at, last), true);
  }

  showStages(stages) {
    const shape = JSON.stringify([stages, this.stage]);
    if (shape === this.stageShape) return;
    this.stageShape = shape;
    this.stageBox.textContent = '';
    const choices = stages.map(name => [name, name || 'without a name']);
    if (stages.length < 2) return;
    this.stageBox.append(selectBox('Stage', choices, this.stage, value => {
      this.stage = value;
      this.setFollow(false);
      this.goTo(this.stageSteps.length - 1, true);
    }));
  }

  setFollow(follow) {
    this.follow = follow;
    this.newest.checked = follow;
  }

  // Goes to the step with this number in the list; `byPage` where no person asked for it.
  async goTo(at, byPage) {
    const steps = this.stageSteps;
    this.at = Math.max(0, Math.min(steps.length - 1, at));
    if (!byPage) this.setFollow(this.at === steps.length - 1 && this.follow);
    const step = steps[this.at];
    if (!step) return;
    this.slider.max = steps.length - 1;
    this.slider.value = this.at;
    const text = 'step ' + step.step.toLocaleString('en');
    this.slider.setAttribute('aria-valuetext', text);
    this.where.textContent = text + ' of ' + steps[steps.length - 1].step.toLocaleString('en');
    const key = [this.run.id, step.stage, step.step, step.count].join('\n');
    if (key === this.shownKey) return;
    // Of several steps that a slider passes only the last one is shown.
    const turn = ++this.asked;
    await new Promise(done => setTimeout(done, byPage ? 0 : 120));
    if (turn !== this.asked) return;
    const reply = await fetchJson(runPath(this.run.id, 'completions'),
                                  {stage: step.stage, step: step.step});
    if (turn !== this.asked) return;
    this.shownKey = key;
    this.groups = reply.groups;
    this.shade.hidden = !answersOf(this.groups).some(answer => answer.logprobs);
    const known = this.groups.some(group => group.prompt_index === this.chosen);
    if (!known) this.chosen = this.groups.length > 0 ? this.groups[0].prompt_index : null;
    this.showList();
    this.showGroup();
  }

  showList() {
    const had = this.list.contains(document.activeElement);
    this.list.textContent = '';
    const list = element('ol');
    for (const group of this.groups) {
      const right = group.answers.filter(answer => answer.correct).length;
      const entry = button('', null, () => {
        this.chosen = group.prompt_index;
        this.setFollow(false);
        this.showList();
        this.showGroup();
        this.list.querySelector('[aria-current]').focus();
      });
      const marks = element('span', {class: 'marks', 'aria-hidden': 'true'},
        ...group.answers.slice(0, 32).map(answer =>
          textElement('i', answer.correct ? '✓' : '✗', answer.correct ? 'right' : 'wrong')));
      entry.append(textElement('code', visible(group.prompt.slice(0, 200)), 'excerpt'),
                   textElement('small', [group.difficulty && visible(group.difficulty),
                     right + ' of ' + group.answers.length + ' right'].filter(Boolean).join(', ')),
                   marks);
      if (group.prompt_index === this.chosen) entry.setAttribute('aria-current', 'true');
      list.append(element('li', {}, entry));
    }
    this.list.append(list);
    const current = this.list.querySelector('[aria-current]');
    if (had && current) current.focus();
  }

  showGroup() {
    this.group.textContent = '';
    const group = this.groups.find(known => known.prompt_index === this.chosen);
    if (!group) return;
    const step = this.stageSteps[this.at];
    const changes = button('How the answer to this prompt changed', null, () =>
      this.showChanges(group, step.stage));
    const facts = element('p', {class: 'facts'});
    for (const [name, value] of [['prompt', '#' + group.prompt_index], ['gold', group.gold],
                                 ['difficulty', group.difficulty]]) {
      if (value) facts.append(textElement('span', name + ' ' + visible(String(value))));
    }
    const prompt = element('div', {class: 'prompt-box'}, facts,
                           promptText({prompt: group.prompt}), changes);
    const cards = group.answers.map(answer => liveCard(answer, 'Sample ' + answer.sample,
      this.shaded, () => this.fetchWhole(group, answer, step)));
    this.group.append(prompt, element('div', {class: 'cards-grid'}, ...cards));
  }

  async fetchWhole(group, answer, step) {
    return fetchJson(runPath(this.run.id, 'completions'), {
      stage: step.stage, step: step.step, full: 1, sample: answer.sample,
      prompt_index: answer.prompt_index ?? group.prompt_index});
  }

  closeFound() {
    this.found.hidden = true;
    this.found.textContent = '';
  }

  // The heading of a list over the answers, with a button that closes it.
  openFound(title, note) {
    this.found.textContent = '';
    this.found.hidden = false;
    const heading = textElement('h3', title);
    heading.setAttribute('tabindex', '-1');
    this.found.append(element('div', {class: 'section-head'}, heading,
                              button('Close', 'Close this list', () => this.closeFound())));
    if (note) this.found.append(textElement('p', note, 'note'));
    heading.focus();
  }

  async search(words) {
    if (!words) {
      this.closeFound();
      return;
    }
    const run = this.run;
    this.openFound('Looking for “' + words + '” …', '');
    const reply = await fetchJson(runPath(run.id, 'search'), {q: words, limit: 50});
    if (this.run !== run) return;
    const results = reply.results;
    this.openFound(results.length + ' answers with “' + words + '”, newest first',
                   reply.done ? '' : 'Not all of the run was read: there may be more.');
    const list = element('ol', {class: 'results'});
    for (const result of results) {
      const open = button('', null, () => this.open(result));
      const inPrompt = !result.completion.includes(words) && result.prompt.includes(words);
      open.append(textElement('b', (result.stage ? result.stage + ' ' : '') + 'step ' +
                              result.step.toLocaleString('en')), ' ', badge(result), ' ',
                  excerpt(inPrompt ? result.prompt : result.completion, words));
      list.append(element('li', {}, open));
    }
    this.found.append(list);
  }

  // Opens the group that a result of a search stands in.
  async open(result) {
    this.stage = result.stage;
    this.setFollow(false);
    this.chosen = result.prompt_index;
    this.showStages([...new Set(this.steps.map(step => step.stage))]);
    await this.goTo(this.stageSteps.findIndex(step => step.step === result.step), true);
    this.showList();
    this.showGroup();
    this.group.scrollIntoView({block: 'nearest'});
  }

  async showChanges(group, stage) {
    const run = this.run;
    const reply = await fetchJson(runPath(run.id, 'prompt'),
                                  {prompt_index: group.prompt_index, stage});
    if (this.run !== run) return;
    const all = [...reply.samples].reverse();
    // First and last always, those between at even distances.
    const every = Math.max(1, (all.length - 1) / (MOST_CHANGES - 1));
    const some = all.filter((answer, at) =>
      at === all.length - 1 || Math.floor(at / every) > Math.floor((at - 1) / every));
    this.openFound('How the answer to prompt #' + group.prompt_index + ' changed',
                   all.length < 2 ? 'It was asked at one step only, so far.'
                   : some.length + ' of ' + all.length + ' steps at which it was asked.');
    const cards = some.map(answer => liveCard(answer, 'Step ' + answer.step.toLocaleString('en'),
      this.shaded, () => this.fetchWhole(group, answer, {stage: answer.stage || stage,
                                                         step: answer.step})));
    this.found.append(element('div', {class: 'cards-grid'}, ...cards));
  }
}
