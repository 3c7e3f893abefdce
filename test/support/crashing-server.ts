import http from 'node:http';
import { armFor, countSteps } from './dying-steps.ts';

/** The real server, dying by SIGKILL before its n-th step of a request that says `x-crash-at: n`. */
await countSteps();

const ours: { createServer(options: http.ServerOptions, listener: http.RequestListener): http.Server } = http;
const { createServer } = ours;
ours.createServer = (options, listener) =>
  createServer(options, (req, res) => {
    armFor(req, res);
    listener(req, res);
  });

const { main } = await import('../../src/server.ts');
await main();
