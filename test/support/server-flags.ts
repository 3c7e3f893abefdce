import fs from 'node:fs';

/** What the command `server` gives to Node. */
export const serverFlags = (JSON.parse(fs.readFileSync('package.json', 'utf8')) as { scripts: { server: string } }).scripts.server.match(/--\S+/g) ?? [];
