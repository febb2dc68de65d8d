'use strict';
// The plots of the live page by group. Most are those of the report, named by their titles; a
// series names its source, key and role as curves.js says.

const REPORT_PLOTS = new Map([...REINFORCEMENT_PLOTS, ...SUPERVISED_PLOTS, ...COMMON_PLOTS]
  .map(plot => [plot.title, plot]));

const LIVE_GROUPS = [
  {title: 'Learning', plots: ['Reward', 'Accuracy', 'Loss', 'Token accuracy']},
  {title: 'Length', plots: ['Response length', 'Length of right and wrong answers',
                            'Covariance of length and reward', 'Answers cut off',
                            'Held-out length by difficulty']},
  {title: 'Thinking', plots: [
    {
      title: 'Thinking words', format: 'number', unit: 'per answer', zero: true, series: [],
      parts: /^reflection\/(.*)$/,
      note: 'How often an answer takes a step back: “wait” and the other words that are counted.',
    },
    'Retries per answer', 'How held-out answers end']},
  {title: 'Policy', plots: [
    'Entropy', 'KL to the reference', 'Clipped tokens', 'Groups without signal']},
  {title: 'Sampler and trainer', plots: [
    'Gap between sampler and trainer',
    {
      title: 'Importance ratio', format: 'number',
      series: [
        {source: 'metrics', key: 'sampling/importance_sampling_ratio/mean', name: 'mean',
         role: 'main'},
        {source: 'metrics', key: 'sampling/importance_sampling_ratio/min', name: 'smallest',
         role: 'third'},
        {source: 'metrics', key: 'sampling/importance_sampling_ratio/max', name: 'largest',
         role: 'second'},
      ],
    },
    {
      title: 'Mismatch of sampler and trainer', format: 'number', zero: true,
      note: 'KL estimate k3 between the policy that sampled and the one that is trained.',
      series: [{source: 'metrics', key: 'sampling/mismatch_k3', name: 'k3', role: 'main'}],
    }]},
  {title: 'Optimizer', plots: ['Gradient norm', 'Learning rate']},
  {title: 'Speed and memory', plots: [
    'Tokens per second', 'Time of a step',
    {
      title: 'Memory', format: 'number', unit: 'GB', zero: true,
      series: [{source: 'metrics', key: 'memory/peak', name: 'peak', role: 'main', scale: 1e-9}],
    }]},
];

// Keys that stand on an axis or say nothing as a curve.
const NO_CURVE = new Set(['step', 'num_tokens', 'epoch']);

function groupPlots(group) {
  return group.plots.map(plot => (typeof plot === 'string' ? REPORT_PLOTS.get(plot) : plot));
}

// Every key of metrics that a plot draws, its bands too; `keys` are those that the runs have.
function plotKeys(plot, keys) {
  const own = plot.series.filter(series => series.source === 'metrics')
    .flatMap(series => [series.key, ...(series.band || [])]);
  return plot.parts ? [...own, ...keys.filter(key => plot.parts.test(key))] : own;
}

// One plot for each key that no other plot draws.
function otherPlots(keys) {
  const known = new Set(LIVE_GROUPS.flatMap(group =>
    groupPlots(group).flatMap(plot => plotKeys(plot, keys))));
  const share = key => /(accuracy|_frac|_ratio)$/.test(key);
  return keys.filter(key => !known.has(key) && !NO_CURVE.has(key)).map(key => ({
    title: key, format: share(key) ? 'share' : 'number', own: true,
    series: [{source: 'metrics', key, name: 'value', role: 'main', smooth: true}],
  }));
}

// Whether a plot is meant by the words that somebody typed: each must be in its names or keys.
function plotMatches(plot, words) {
  if (words.length === 0) return true;
  const text = [plot.title, plot.parts ? plot.parts.source.replace(/\\/g, '') : '',
                ...plot.series.flatMap(series => [series.key, series.name])].join(' ');
  return words.every(word => text.toLowerCase().includes(word));
}
