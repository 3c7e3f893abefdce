import { alerts } from './alerts.ts';
import { figures } from './figures.ts';
import { filing } from './filing.ts';
import { lighthouse } from './lighthouse.ts';
import { notices } from './notices.ts';
import { register } from './register.ts';
import { returns, workbook } from './returns.ts';
import { serve } from './serve.ts';
import { uploads } from './uploads.ts';

/** Measurements beside their peers in one run: npm run bench [-- name…]. For people to read; nothing passes or fails by them. */
const all: Readonly<Record<string, () => Promise<void>>> = { serve, register, notices, alerts, uploads, returns, workbook, filing, figures, lighthouse };
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in all));
if (unknown) {
  console.error(`There is no benchmark "${unknown}"; there are: ${Object.keys(all).join(', ')}`);
  process.exitCode = 2;
} else for (const [name, run] of Object.entries(all)) if (wanted.length === 0 || wanted.includes(name)) await run();
