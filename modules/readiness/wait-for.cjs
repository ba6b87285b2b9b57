'use strict';
/*
 * Waits until a cluster is so far that the next step of a deploy can be taken, then ends with status 0.
 *
 *   node wait-for.cjs api      the Kubernetes API answers at its endpoint and calls itself ready
 *   node wait-for.cjs nodes    every node of GATE_NODES is registered and Ready
 *
 * Environment, so that no credential stands on a command line or in a file:
 *   GATE_SERVER       https://10.0.3.1:6443
 *   GATE_CA, GATE_CERTIFICATE, GATE_KEY   base64 of PEM, as in a kubeconfig
 *   GATE_NODES        names, separated by spaces (nodes only)
 *   GATE_SECONDS      time limit, default 600
 *
 * What is seen goes to stderr, a line whenever it changes. Status 1: not reached in time; 2: called wrongly.
 * Plain Node, no dependencies: Terraform runs the copy in its own folder.
 */
const https = require('node:https');

const POLL_MS = 300;
/** An address that nobody holds swallows packets: a short limit finds the VIP soon after it is taken. */
const CONNECT_MS = 2000;
const ANSWER_MS = 10000;
/** Nodes that a line names before it only counts. */
const NAMED = 5;

class UsageError extends Error {}

const required = (name) => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new UsageError(`environment variable ${name} is not set`);
  return value;
};

const pem = (name) => Buffer.from(required(name), 'base64').toString();

/** @returns the answer to a GET with the admin's certificate; rejects where there is none in time */
const get = (server, tls, path) =>
  new Promise((resolve, reject) => {
    const request = https.get(new URL(path, server), { ...tls, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
    });
    const give = (ms, what) => setTimeout(() => request.destroy(new Error(`no ${what} within ${ms / 1000} s`)), ms);
    const connecting = give(CONNECT_MS, 'connection');
    const answering = give(ANSWER_MS, 'answer');
    request.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(connecting)));
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(connecting);
      clearTimeout(answering);
    });
  });

const refused = ({ status, body }) => `HTTP ${status} ${body.trim().slice(0, 200)}`;

/** A look answers with what was seen, and whether that is what the gate waits for. */
const lookAtApi = async (ask) => {
  const answer = await ask('/readyz');
  return answer.status === 200 ? { reached: true, seen: 'ready' } : { reached: false, seen: refused(answer) };
};

const fault = (node) => {
  if (node === undefined) return 'not registered';
  const ready = (node.status?.conditions ?? []).find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return ready?.message || ready?.reason || 'NotReady';
};

const lookAtNodes = (expected) => async (ask) => {
  // From the API server's cache: the list of a large cluster costs etcd too much at this pace.
  const answer = await ask('/api/v1/nodes?resourceVersion=0');
  if (answer.status !== 200) return { reached: false, seen: refused(answer) };
  const nodes = new Map(JSON.parse(answer.body).items.map((node) => [node.metadata.name, node]));
  const waiting = expected.map((name) => [name, fault(nodes.get(name))]).filter(([, why]) => why !== undefined);
  const named = waiting.slice(0, NAMED).map(([name, why]) => `${name} (${why})`);
  if (waiting.length > NAMED) named.push(`${waiting.length - NAMED} more`);
  const count = `${expected.length - waiting.length} of ${expected.length} Ready`;
  return {
    reached: waiting.length === 0,
    seen: [count, ...(named.length ? [`waiting for ${named.join(', ')}`] : [])].join('; '),
  };
};

const gates = {
  api: () => ({ what: 'the Kubernetes API is ready', look: lookAtApi }),
  nodes: () => ({ what: 'all nodes are Ready', look: lookAtNodes(required('GATE_NODES').split(' ')) }),
};

const main = async () => {
  const name = process.argv[2];
  const gate = Object.hasOwn(gates, name) ? gates[name]() : undefined;
  if (gate === undefined) throw new UsageError(`"${name}" is not a gate; it is api or nodes`);
  const server = required('GATE_SERVER');
  const tls = { ca: pem('GATE_CA'), cert: pem('GATE_CERTIFICATE'), key: pem('GATE_KEY') };
  const limit = Number(process.env.GATE_SECONDS ?? 600);
  if (!(limit > 0))
    throw new UsageError(`GATE_SECONDS is "${process.env.GATE_SECONDS}"; it is a number of seconds above 0`);

  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  const say = (text) => process.stderr.write(`${name} at ${server}: ${text}\n`);
  let last = '';
  while (performance.now() - start < limit * 1000) {
    const { reached, seen } = await gate
      .look((path) => get(server, tls, path))
      .catch((error) => ({ reached: false, seen: error.message || error.code || String(error) }));
    if (seen !== last) say(seen);
    last = seen;
    if (reached) {
      say(`reached after ${seconds()} s`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${gate.what}: not so within ${limit} s at ${server}; last seen: ${last}`);
};

main().catch((error) => {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
