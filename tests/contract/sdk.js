"use strict";

// Signs in with the vendor's SDK as it is, and sends the requests that standard input has as JSON:
// [{"method", "path", "query", "data"}]. Each is made of what the SDK's own operations are made of: its settings from
// the environment, its token, its parameters, its HTTP client with its retries, and for a list its paginator.
// Prints [{"status", "data"}].

const fs = require("node:fs");
const sdk = require("sailpoint-api-client");
const common = require("sailpoint-api-client/dist/v2024/common");
const of_sdk = { paths: [require.resolve("sailpoint-api-client")] };
const page = 5; // entries: so few that lists have several
const axios = require(require.resolve("axios", of_sdk));

async function send(configuration, request, query) {
  const url = new URL(request.path, configuration.basePath);
  common.setSearchParams(url, query);
  const headers = { "Content-Type": "application/json", "X-SailPoint-Experimental": "true" };
  await common.setOAuthToObject(headers, "userAuth", [], configuration);
  const data = request.data && common.serializeDataIfNeeded(request.data, { headers }, configuration);
  return axios.request({ url: url.toString(), method: request.method, headers, data });
}

async function main() {
  console.log = console.error; // the SDK's remarks
  const configuration = new sdk.Configuration();
  sdk.axiosRetry.default(axios, configuration.retriesConfig);
  const answers = [];
  for (const request of JSON.parse(fs.readFileSync(0, "utf8"))) {
    const once = (query) => send(configuration, request, query);
    const pages = request.method === "GET" && request.query;
    const answer = pages ? await sdk.Paginator.paginate(null, once, request.query, page) : await once({});
    answers.push({ status: answer.status, data: answer.data });
  }
  process.stdout.write(JSON.stringify(answers));
}

main().catch((problem) => {
  console.error(String(problem), problem.response ? JSON.stringify(problem.response.data) : "");
  process.exitCode = 1;
});
