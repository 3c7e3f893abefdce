import { spawn } from 'node:child_process';

/** Everything that can be checked without running the product: format, lint, types, schema drift, unused code. The slow ones side by side. */
const checks: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format and lint', 'node_modules/.bin/biome', 'ci', '--colors=off', '--config-path=test/config/lint.json', '--error-on-warnings', '.'],
  ['types', 'node_modules/.bin/astro', 'check', '--minimumFailingSeverity', 'hint'],
  ['content', process.execPath, 'src/content/check.ts'],
  ['schema drift', process.execPath, 'db/generate-schema.ts', '--verify'],
  ['unused code', 'node_modules/.bin/knip', '--config', 'test/config/knip.json', '--no-progress'],
];

const results = await Promise.all(
  checks.map(async ([name, command = '', ...args]) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    console.log(`${code === 0 ? 'ok   ' : 'WRONG'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    if (code !== 0) console.log(output);
    return code === 0;
  }),
);
if (results.includes(false)) process.exit(1);
