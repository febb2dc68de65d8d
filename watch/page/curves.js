// Which curves the page shows. A series names where its numbers lie (`curve`: held-out evaluations,
// `metrics`: training steps), its key there, and its role, which decides how it is drawn:
// main, second, third, fourth, right, wrong (lines in their colours) or faint (the background).

const REINFORCEMENT_PLOTS = [
  {
    title: 'Accuracy', format: 'share', range: [0, 1],
    note: 'The main line is held-out accuracy with sampling at T = 1, with its 95 % interval: it ' +
          'rises gradually. Greedy accuracy jumps at the moment a choice passes one half.',
    series: [
      {source: 'curve', key: 'accuracy', name: 'held-out, sampled', role: 'main', dots: true,
       band: ['accuracy_interval/low', 'accuracy_interval/high']},
      {source: 'curve', key: 'accuracy_greedy', name: 'held-out, greedy', role: 'second',
       dots: true},
      {source: 'metrics', key: 'accuracy', name: 'training batch', role: 'faint'},
    ],
  },
  {
    title: 'Response length', format: 'number', unit: 'tokens', zero: true,
    note: 'Tokens of an answer, the end token counted. The band holds the middle 80 % of the ' +
          'training answers (p10 to p90).',
    series: [
      {source: 'metrics', key: 'completions/mean_length', name: 'training mean', role: 'main',
       smooth: true, wide: true,
       band: ['completions/length_p10', 'completions/length_p90']},
      {source: 'curve', key: 'mean_length', name: 'held-out mean', role: 'second', dots: true},
    ],
  },
  {
    title: 'Length of right and wrong answers', format: 'number', unit: 'tokens', zero: true,
    series: [
      {source: 'metrics', key: 'completions/mean_length_correct', name: 'right', role: 'right',
       smooth: true},
      {source: 'metrics', key: 'completions/mean_length_wrong', name: 'wrong', role: 'wrong',
       smooth: true},
    ],
  },
  {
    title: 'Covariance of length and reward', format: 'number', zero: true,
    note: 'Mean over groups. Length grows while this is above zero, and levels off as it falls ' +
          'to zero.',
    series: [
      {source: 'metrics', key: 'len_reward_cov', name: 'Cov(length, reward)', role: 'main',
       smooth: true},
    ],
  },
  {
    title: 'Reward', format: 'number',
    series: [
      {source: 'metrics', key: 'reward', name: 'mean reward', role: 'main', smooth: true},
      {source: 'metrics', key: 'reward_std', name: 'deviation', role: 'second', smooth: true},
    ],
    parts: /^rewards\/(.*)\/mean$/,
  },
  {
    title: 'Retries per answer', format: 'number', zero: true,
    note: 'How often an answer says “wait” and starts again.',
    series: [
      {source: 'metrics', key: 'reflection/wait', name: 'training', role: 'main', smooth: true},
      {source: 'curve', key: 'reflection/wait', name: 'held-out', role: 'second', dots: true},
    ],
  },
  {
    title: 'How held-out answers end', format: 'share', range: [0, 1],
    series: [
      {source: 'curve', key: 'trace/direct_frac', name: 'direct', role: 'second', dots: true},
      {source: 'curve', key: 'trace/give_up_frac', name: 'gave up', role: 'wrong', dots: true},
      {source: 'curve', key: 'trace/found_frac', name: 'found', role: 'right', dots: true},
      {source: 'curve', key: 'trace/false_yes_frac', name: 'false yes', role: 'third', dots: true},
    ],
  },
  {
    title: 'Held-out length by difficulty', format: 'number', unit: 'tokens', zero: true,
    series: [
      {source: 'curve', key: 'by_difficulty/easy/mean_length', name: 'easy', role: 'right',
       dots: true},
      {source: 'curve', key: 'by_difficulty/medium/mean_length', name: 'medium', role: 'second',
       dots: true},
      {source: 'curve', key: 'by_difficulty/hard/mean_length', name: 'hard', role: 'wrong',
       dots: true},
    ],
  },
  {
    title: 'Entropy', format: 'number', unit: 'nats', zero: true,
    series: [{source: 'metrics', key: 'entropy', name: 'entropy', role: 'main', smooth: true}],
  },
  {
    title: 'Groups without signal', format: 'share', range: [0, 1],
    note: 'Answers whose whole group got the same reward teach nothing.',
    series: [
      {source: 'metrics', key: 'frac_reward_zero_std', name: 'all equal', role: 'main',
       smooth: true},
      {source: 'metrics', key: 'frac_groups_all_correct', name: 'all right', role: 'right',
       smooth: true},
      {source: 'metrics', key: 'frac_groups_all_wrong', name: 'all wrong', role: 'wrong',
       smooth: true},
    ],
  },
  {
    title: 'Gap between sampler and trainer', format: 'number', log: true,
    note: 'Difference of the log-probability of a sampled token, logarithmic axis.',
    series: [
      {source: 'metrics', key: 'sampling/sampling_logp_difference/max', name: 'largest',
       role: 'second'},
      {source: 'metrics', key: 'sampling/sampling_logp_difference/mean', name: 'mean',
       role: 'main'},
    ],
  },
  {
    title: 'Clipped tokens', format: 'share', zero: true,
    series: [
      {source: 'metrics', key: 'clip_ratio/region_mean', name: 'all', role: 'main'},
      {source: 'metrics', key: 'clip_ratio/low_mean', name: 'low', role: 'wrong'},
      {source: 'metrics', key: 'clip_ratio/high_mean', name: 'high', role: 'right'},
    ],
  },
  {
    title: 'Answers cut off', format: 'share', zero: true,
    series: [
      {source: 'metrics', key: 'completions/clipped_ratio', name: 'training', role: 'main',
       smooth: true},
      {source: 'curve', key: 'clipped_ratio', name: 'held-out', role: 'second', dots: true},
    ],
  },
  {
    title: 'KL to the reference', format: 'number',
    series: [{source: 'metrics', key: 'kl', name: 'KL', role: 'main', smooth: true}],
  },
];

// Shown for both kinds of stage.
const COMMON_PLOTS = [
  {
    title: 'Gradient norm', format: 'number', zero: true,
    series: [{source: 'metrics', key: 'grad_norm', name: 'norm', role: 'main', smooth: true}],
  },
  {
    title: 'Learning rate', format: 'number', zero: true,
    series: [{source: 'metrics', key: 'learning_rate', name: 'rate', role: 'main'}],
  },
  {
    title: 'Tokens per second', format: 'number', zero: true,
    series: [
      {source: 'metrics', key: 'tokens_per_second/rollout', name: 'rollout', role: 'main',
       smooth: true},
      {source: 'metrics', key: 'tokens_per_second/update', name: 'update', role: 'second',
       smooth: true},
    ],
  },
  {
    title: 'Time of a step', format: 'number', unit: 'seconds', zero: true,
    series: [
      {source: 'metrics', key: 'time/rollout', name: 'rollout', role: 'main', smooth: true},
      {source: 'metrics', key: 'time/update', name: 'update', role: 'second', smooth: true},
      {source: 'metrics', key: 'time/logprob', name: 'log-probability', role: 'third',
       smooth: true},
      {source: 'metrics', key: 'time/reward', name: 'reward', role: 'right', smooth: true},
      {source: 'metrics', key: 'step_time', name: 'whole step', role: 'fourth', smooth: true},
    ],
  },
];

const SUPERVISED_PLOTS = [
  {
    title: 'Loss', format: 'number', unit: 'nats',
    series: [{source: 'metrics', key: 'loss', name: 'loss', role: 'main', smooth: true}],
  },
  {
    title: 'Token accuracy', format: 'share',
    note: 'Share of training tokens whose most likely prediction is right.',
    series: [
      {source: 'metrics', key: 'mean_token_accuracy', name: 'training tokens', role: 'main',
       smooth: true},
    ],
  },
];
