// The program jit: found, checked against its SHA-256, and run.
'use strict';

const childProcess = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { annotate, input, required, say } = require('./runner.js');

const k_download_ms = 120_000;

async function download(url) {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))) {
    throw new Error('the input "url" is not https');
  }
  const answer = await fetch(url, { signal: AbortSignal.timeout(k_download_ms) });
  if (!answer.ok) throw new Error(`the download of ${url} has failed with HTTP ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/**
 * The path of a copy of jit that has the SHA-256 of the input, in a new directory that only this user can read. The copy
 * is of the bytes that were checked. `kept` is an earlier copy: where it is still the same, it is taken.
 */
async function findProgram(kept = '') {
  const wanted = required('sha256').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(wanted)) throw new Error('the input "sha256" is not 64 hexadecimal digits');
  const digest = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
  const [place, url] = [input('path'), input('url')];
  if (!place === !url) throw new Error('give either the input "path" or the input "url"');

  let bytes = kept && fs.existsSync(kept) ? fs.readFileSync(kept) : null;
  if (!bytes || digest(bytes) !== wanted) bytes = place ? fs.readFileSync(place) : await download(url);
  if (digest(bytes) !== wanted) {
    throw new Error(`${place || url} has the SHA-256 ${digest(bytes)}, and not ${wanted}: it was not run`);
  }
  const program = path.join(fs.mkdtempSync(path.join(process.env.RUNNER_TEMP || os.tmpdir(), 'jit-')), 'jit');
  fs.writeFileSync(program, bytes, { mode: 0o700, flag: 'wx' });
  return program;
}

/** The environment of jit: the credentials, and nothing of the inputs and the state of this step. */
function environment() {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(INPUT|STATE|SAIL|JIT)_/.test(name)) env[name] = value;
  }
  return {
    ...env,
    SAIL_BASE_URL: required('base-url'),
    SAIL_CLIENT_ID: required('client-id'),
    SAIL_CLIENT_SECRET: required('client-secret'),
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Runs jit. SIGINT and SIGTERM to this step are passed on to it, so that it ends by itself and tells how far it came.
 * Resolves to its exit code (null where a signal has killed it), its answer and its error, each null where there is none.
 */
function run(program, words) {
  return new Promise((resolve, reject) => {
    const child = childProcess.spawn(program, [...words, '--no-cache', '--non-interactive', '-o', 'json'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const passOn = ['SIGINT', 'SIGTERM'].map((name) => [name, () => child.kill(name)]);
    for (const [name, handler] of passOn) process.on(name, handler);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part) => (out += part));
    child.stderr.setEncoding('utf8').on('data', (part) => (err += part));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const [name, handler] of passOn) process.removeListener(name, handler);
      const lines = err.split('\n').filter(Boolean);
      const error = lines.map((line) => parse(line)?.error).filter(Boolean).pop() || null;
      for (const line of lines) if (!parse(line)?.error) say(line);
      resolve({ code, signal, answer: parse(out), error });
    });
  });
}

/** Tells in an annotation why jit has failed: the kind of the error, its exit code, and what to do. */
function annotateFailure({ code, signal, error }, doing) {
  const kind = error?.kind || (signal ? `killed by ${signal}` : 'failed');
  const text = [error?.message || `${doing} has failed`, error?.hint].filter(Boolean).join('\n');
  annotate('error', code === null ? `jit: ${kind}` : `jit: ${kind} (code ${code})`, text);
}

module.exports = { annotateFailure, findProgram, run };
