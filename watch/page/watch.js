'use strict';
// The live page: follows the server's events, fetches what is new of what can be seen, and hands
// it to the views. Nothing here changes a run: the server only answers questions.

const LEAST_PAUSE = 500;  // milliseconds between two updates
const PAUSE_AFTER_FAILURE = 3000;
const INFO_PAUSE = 2000;
const LOOK_AGAIN = 10000;  // a run that stalls or dies changes no file
const VIEWS = [['curves', 'Curves'], ['answers', 'Answers'], ['stages', 'Stages and cost']];

class WatchPage {
  constructor() {
    const place = id => document.getElementById(id);
    this.place = place;
    this.all = new Map();
    this.runs = [];
    this.shown = new Set();
    this.dirty = new Map();
    this.listDirty = true;
    this.lastUpdate = 0;
    const wanted = new URLSearchParams(location.hash.slice(1));
    this.chosen = wanted.get('run');
    this.view = VIEWS.some(([name]) => name === wanted.get('view')) ? wanted.get('view') : 'curves';
    this.panel = new CurvePanel(place('curves'), place('reading'), () => {
      this.laidOver.forEach(run => this.mark(run.id, 'metrics'));
    });
    this.list = new RunList(place('runs'), this);
    this.answers = new AnswersView(place('answers'));
    this.makeTabs();
    this.makeTheme();
    this.listen();
    setInterval(() => { this.listDirty = true; this.schedule(); }, LOOK_AGAIN);
    setInterval(() => this.tick(), 1000);
    document.addEventListener('visibilitychange', () => this.listen());
    this.schedule();
  }

  get chosenRun() {
    return this.all.get(this.chosen) || null;
  }

  // The runs whose curves are drawn.
  get laidOver() {
    return this.runs.filter(run => this.shown.has(run.id));
  }

  // A browser opens few connections to one server: pages that nobody sees keep none.
  listen() {
    if (this.events) this.events.close();
    clearTimeout(this.retry);
    if (document.hidden) return;
    const events = new EventSource('/api/events');
    this.events = events;
    events.onopen = () => {
      this.connected(true);
      // Whatever happened in between was not told.
      this.runs.forEach(run => this.mark(run.id, 'all'));
      this.listDirty = true;
      this.schedule();
    };
    events.onerror = () => {
      this.connected(false);
      // A refusal ends the browser's own trying.
      if (events.readyState !== EventSource.CLOSED) return;
      this.retry = setTimeout(() => this.listen(), PAUSE_AFTER_FAILURE);
    };
    events.addEventListener('runs', () => { this.listDirty = true; this.schedule(); });
    events.addEventListener('run', event => {
      const {id, files} = JSON.parse(event.data);
      this.mark(id, ...files);
    });
  }

  connected(yes) {
    this.isConnected = yes;
    const text = !yes ? '○ connection lost, trying again …'
      : this.failed ? '○ the runs cannot be read, trying again …' : '● live';
    const box = this.place('connection');
    setText(box, text);
    box.classList.toggle('lost', !yes || Boolean(this.failed));
  }

  // Notes what changed of a run; the next update fetches it.
  mark(id, ...files) {
    files.forEach(file => this.waiting(id).add(file));
    if (files.some(file => file === 'status' || file === 'all')) this.listDirty = true;
    this.schedule();
  }

  schedule() {
    if (this.timer || this.busy || document.hidden) return;
    if (!this.listDirty && this.dirty.size === 0) return;
    const pause = this.failed ? PAUSE_AFTER_FAILURE : LEAST_PAUSE;
    const wait = Math.max(0, this.lastUpdate + pause - Date.now());
    this.timer = setTimeout(async () => {
      this.timer = null;
      this.busy = true;
      this.failed = !await this.update();
      if (this.isConnected) this.connected(true);
      this.busy = false;
      this.lastUpdate = Date.now();
      this.schedule();
    }, wait);
  }

  // Fetches what changed and shows it. Returns whether that succeeded; if not, it stays noted.
  async update() {
    const dirty = this.dirty;
    const listDirty = this.listDirty;
    this.dirty = new Map();
    this.listDirty = false;
    try {
      if (listDirty) await this.updateList();
      for (const run of this.runs) {
        // Others are fetched whole once they are chosen.
        const used = this.shown.has(run.id) || run.id === this.chosen;
        const files = new Set([...(dirty.get(run.id) || []), ...(this.dirty.get(run.id) || [])]);
        if (used && files.size > 0) {
          dirty.set(run.id, files);
          this.dirty.delete(run.id);
          await this.updateRun(run, name => files.has(name) || files.has('all'));
        }
        dirty.delete(run.id);
      }
      this.show();
      return true;
    } catch (error) {
      this.listDirty = true;
      for (const [id, files] of dirty) {
        if (this.all.has(id)) files.forEach(file => this.waiting(id).add(file));
      }
      // A run that has just gone is no failure: the list will lack it.
      return error.status === 404;
    }
  }

  waiting(id) {
    if (!this.dirty.has(id)) this.dirty.set(id, new Set());
    return this.dirty.get(id);
  }

  async updateList() {
    const reply = await fetchJson('/api/runs');
    this.place('folder').textContent = visible(reply.folder || '');
    for (const summary of reply.runs) {
      if (!this.all.has(summary.id)) this.all.set(summary.id, newRun(summary.id));
      this.all.get(summary.id).summary = {...summary, received: Date.now()};
    }
    this.runs = reply.runs.map(summary => this.all.get(summary.id));
    for (const id of [...this.all.keys()]) {
      if (!reply.runs.some(summary => summary.id === id)) this.forget(id);
    }
    nameRuns(this.runs);
    if (!this.chosenRun && this.runs.length > 0) {
      const running = this.runs.find(run => run.summary.state === 'running');
      this.choose((running || this.runs[0]).id);
    } else if (this.chosenRun && this.shown.size === 0) {
      this.choose(this.chosen);
    }
  }

  forget(id) {
    this.all.delete(id);
    this.shown.delete(id);
    if (this.chosen === id) this.chosen = null;
  }

  async updateRun(run, changed) {
    const chosen = run.id === this.chosen;
    if (changed('metrics')) {
      const tiles = TILES.map(([key]) => key);
      await refreshMetrics(run, [...this.panel.wantedKeys(run.keys), ...tiles]);
      // Which parts and other keys there are is known only now.
      const more = this.panel.wantedKeys(run.keys);
      if (more.some(key => !run.asked.has(key))) await refreshMetrics(run, more);
    }
    if (changed('evals')) await refreshEvaluations(run);
    if (chosen && (changed('status') || changed('evals') || !run.info)) await this.updateInfo(run);
    if (chosen && this.view === 'answers' && changed('completions')) {
      // The list of a long run's steps has megabytes.
      const pause = this.answers.run === run ? this.answers.steps.length / 10 : 0;
      if (!this.isEarly(run, 'completions', pause)) await this.answers.update(run);
    } else if (chosen && changed('completions')) {
      run.answersStale = true;
    }
  }

  // Whether less than `pause` ms went by since the last time for `file`; it is looked at again then.
  isEarly(run, file, pause) {
    const last = run.fetched.get(file) || {time: 0};
    const rest = last.time + pause - Date.now();
    clearTimeout(last.timer);
    if (rest <= 0) run.fetched.set(file, {time: Date.now()});
    else last.timer = setTimeout(() => this.mark(run.id, file), rest);
    return rest > 0;
  }

  // Hints and tables are put together from whole files: now and then is enough.
  async updateInfo(run) {
    if (run.info && this.isEarly(run, 'status', INFO_PAUSE)) return;
    run.info = await fetchJson(runPath(run.id));
  }

  choose(id) {
    if (!this.shown.has(id)) {
      if (this.shown.size <= 1) this.shown.clear();
      this.shown.add(id);
    }
    this.chosen = id;
    this.keepPlace();
    this.mark(id, 'all');
    this.show();
  }

  lay(id, yes) {
    if (yes) this.shown.add(id);
    else this.shown.delete(id);
    if (yes) this.mark(id, 'all');
    this.show();
  }

  // A run keeps its colour for as long as it is shown.
  colorRuns() {
    for (const run of this.all.values()) if (!this.shown.has(run.id)) run.color = null;
    for (const run of this.laidOver) {
      const used = this.laidOver.map(other => other.color);
      run.color = run.color || RUN_COLORS.find(color => !used.includes(color)) || RUN_COLORS[7];
    }
  }

  show() {
    this.colorRuns();
    const run = this.chosenRun;
    const title = run ? run.title + ' · ' + stateOf(run.summary) + ' · ' : '';
    document.title = title + 'reckon watch';
    this.list.show();
    this.showHead();
    if (this.view === 'curves') this.panel.show(this.laidOver);
    if (this.view === 'stages') showStageTables(this.place('stages'), run);
    if (this.view === 'answers' && run && (run.answersStale || this.answers.run !== run)) {
      run.answersStale = false;
      this.answers.update(run).catch(() => { run.answersStale = true; });
    }
  }

  // The status is drawn anew only where it reads otherwise than before.
  showHead() {
    const fresh = element('section');
    showStatus(fresh, this.chosenRun);
    const place = this.place('status');
    const old = [...place.childNodes];
    const same = (node, at) => old[at] && node.isEqualNode(old[at]);
    // Only parts that differ are put in: a text that is being selected stays.
    [...fresh.childNodes].forEach((node, at) => {
      if (!same(node, at)) place.insertBefore(node, old[at] || null) && old[at] && old[at].remove();
    });
    old.slice(place.childNodes.length).forEach(node => node.remove());
  }

  // Ages grow without any news.
  tick() {
    if (!document.hidden && this.chosenRun) this.showHead();
  }

  keepPlace() {
    const place = new URLSearchParams({run: this.chosen || '', view: this.view});
    history.replaceState(null, '', '#' + place);
  }

  makeTabs() {
    const tabs = VIEWS.map(([name, text]) => {
      const tab = button(text, null, () => this.openView(name));
      tab.id = 'tab-' + name;
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', name);
      return tab;
    });
    this.place('tabs').append(...tabs);
    this.place('tabs').addEventListener('keydown', event => {
      const move = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (!move) return;
      const at = VIEWS.findIndex(([name]) => name === this.view);
      const next = (at + move + VIEWS.length) % VIEWS.length;
      this.openView(VIEWS[next][0]);
      tabs[next].focus();
    });
    this.openView(this.view);
  }

  openView(view) {
    this.view = view;
    for (const [name] of VIEWS) {
      this.place(name).hidden = name !== view;
      const tab = this.place('tab-' + name);
      tab.setAttribute('aria-selected', String(name === view));
      tab.tabIndex = name === view ? 0 : -1;
    }
    if (this.runs.length === 0) return;
    this.keepPlace();
    this.show();
  }

  makeTheme() {
    const select = this.place('theme');
    const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).filter(rule =>
      rule instanceof CSSMediaRule && rule.media.mediaText.includes('prefers-color-scheme'));
    const apply = () => {
      const theme = select.value;
      // The dark colours stand once, in the style sheet: the switch decides when they hold.
      for (const rule of rules) {
        rule.media.mediaText = theme === 'auto' ? '(prefers-color-scheme: dark)'
          : theme === 'dark' ? 'all' : 'not all';
      }
      document.documentElement.style.colorScheme = theme === 'auto' ? 'light dark' : theme;
      this.panel.redraw();
    };
    const kept = readSettings().theme;
    select.value = ['light', 'dark'].includes(kept) ? kept : 'auto';
    select.addEventListener('change', () => { keepSettings({theme: select.value}); apply(); });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
    apply();
  }
}

new WatchPage();
