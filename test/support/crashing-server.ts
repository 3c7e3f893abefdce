import http from 'node:http';
import { type Anything, armFor, countSteps } from './dying-steps.ts';

/** The real server, dying by SIGKILL before its n-th step of a request that says `x-crash-at: n`. */
await countSteps();

const createServer = http.createServer as Anything;
(http as Anything).createServer = (options: http.ServerOptions, listener: http.RequestListener) =>
  createServer(options, (req: http.IncomingMessage, res: http.ServerResponse & { req: http.IncomingMessage }) => {
    armFor(req, res);
    listener(req, res);
  });

const { main } = await import('../../src/server.ts');
await main();
