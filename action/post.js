// The post step: ends the access that the main step has activated, or may have activated.
'use strict';

const { annotateFailure, findProgram, run } = require('./program.js');
const { annotate, mask, required, say, state } = require('./runner.js');

async function post() {
  if (state('end') !== 'yes') {
    say('this job has activated nothing, so it ends nothing');
    return 0;
  }
  mask(required('client-secret'));
  const done = await run(await findProgram(state('program')), ['deactivate', state('connection'), '--wait']);
  if (done.code !== 0) {
    annotateFailure(done, 'jit deactivate');
    return 1;
  }
  say(`${done.answer?.entitlementName || state('connection')}: ended`);
  return 0;
}

post().then((code) => (process.exitCode = code), (problem) => {
  annotate('error', 'jit: action', problem.message);
  process.exitCode = 1;
});
