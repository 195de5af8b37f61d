// The main step: has access, and keeps for the post step whether that is this job's to end.
'use strict';

const { annotateFailure, findProgram, run } = require('./program.js');
const { annotate, input, mask, required, saveState, say, setOutput } = require('./runner.js');

// jit promises that nothing was changed: usage, unauthenticated, forbidden, refused, rate_limited, unreachable.
const k_nothing_changed = [2, 3, 4, 5, 6, 7];

async function main() {
  mask(required('client-secret'));
  const minutes = required('minutes');
  const words = ['ensure', '--minutes', minutes, '--min-remaining', input('min-remaining') || minutes];
  words.push('--entitlement', required('entitlement'));
  const program = await findProgram();
  saveState('program', program);

  // What it would do is known before anything is sent: should this step be killed, the post step goes by that.
  const plan = await run(program, [...words, '--dry-run']);
  if (plan.code !== 0) {
    annotateFailure(plan, 'jit ensure --dry-run');
    return 1;
  }
  if (Array.isArray(plan.answer)) throw new Error('the input "entitlement" means several: use this action once for each');
  saveState('connection', plan.answer.connectionId);
  if (plan.answer.body && 'activationPeriodMins' in plan.answer.body) saveState('end', 'yes');

  const done = await run(program, words);
  const action = done.answer?.action;
  if (action) {
    saveState('end', action === 'activate' ? 'yes' : '');
    setOutput('action', action);
    setOutput('connection-id', done.answer.connectionId);
    setOutput('expires-at', done.answer.expiresAt || '');
  } else if (k_nothing_changed.includes(done.code)) {
    saveState('end', '');
  }
  if (done.code !== 0) {
    annotateFailure(done, 'jit ensure');
    return 1;
  }
  say(`${done.answer.entitlementName || done.answer.connectionId}: ${action}, until ${done.answer.expiresAt || 'an unknown time'}`);
  return 0;
}

main().then((code) => (process.exitCode = code), (problem) => {
  annotate('error', 'jit: action', problem.message);
  process.exitCode = 1;
});
