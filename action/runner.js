// What the runner of GitHub Actions and an action say to each other: inputs, state, outputs, annotations.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');

/** An input without spaces around it, '' where it is not given. */
function input(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();
}

/** An input that must be given. */
function required(name) {
  const value = input(name);
  if (!value) throw new Error(`the input "${name}" is missing`);
  return value;
}

/** What the main step has kept for the post step, '' where it has kept nothing. */
function state(name) {
  return process.env[`STATE_${name}`] || '';
}

function append(variable, name, value) {
  const file = process.env[variable];
  if (!file) throw new Error(`${variable} is not set: this is no runner of GitHub Actions`);
  const delimiter = crypto.randomUUID();
  fs.appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

/** Keeps a value for the post step. The last value of a name counts. It is on disk when this returns. */
function saveState(name, value) {
  append('GITHUB_STATE', name, value);
}

function setOutput(name, value) {
  append('GITHUB_OUTPUT', name, value);
}

function escapeData(text) {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text) {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** An annotation: `level` is error, warning or notice. */
function annotate(level, title, message) {
  process.stdout.write(`::${level} title=${escapeProperty(title)}::${escapeData(message)}\n`);
}

/** Has the runner replace a secret in all that it shows, each line of it as well. */
function mask(secret) {
  for (const part of new Set([secret, ...secret.split(/[\r\n]+/)])) {
    if (part) process.stdout.write(`::add-mask::${escapeData(part)}\n`);
  }
}

/** A line of the log. Text of others is no command to the runner there, neither at its start nor within. */
function say(text) {
  process.stdout.write(`jit: ${text.replace(/[\r\n]+/g, ' ').replace(/##\[/g, '## [')}\n`);
}

module.exports = { annotate, input, mask, required, saveState, say, setOutput, state };
