// A client made of the protocol's own SDK: starts jit mcp, sends the calls that standard input has as JSON
// ({"command", "calls": [{"name", "arguments"}], "approve"}), and prints what came of each.

import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.JIT_NODE_MODULES + "/");
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await load("client/index.js");
const { StdioClientTransport } = await load("client/stdio.js");
const { ElicitRequestSchema } = await load("types.js");

const job = JSON.parse(fs.readFileSync(0, "utf8"));
const capabilities = job.approve === undefined ? {} : { elicitation: {} };
const client = new Client({ name: "test", version: "1" }, { capabilities });
const questions = [];
if (job.approve !== undefined) {
  client.setRequestHandler(ElicitRequestSchema, async (request) => {
    questions.push(request.params.message);
    return job.approve ? { action: "accept", content: { approve: true } } : { action: "decline" };
  });
}
await client.connect(new StdioClientTransport({ command: job.command[0], args: job.command.slice(1), env: process.env }));
const tools = (await client.listTools()).tools.map((tool) => tool.name); // the SDK checks results by their schemas
await client.ping();
const results = [];
const progress = [];
for (const call of job.calls) {
  results.push(await client.callTool(call, undefined, { onprogress: (one) => progress.push(one.message) }));
}
await client.close();
console.log(JSON.stringify({ tools, results, questions, progress, server: client.getServerVersion() }));
