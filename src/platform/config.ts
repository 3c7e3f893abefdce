import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Clock, clockFrom } from './clock.ts';
import { readS3Settings, type S3Settings } from './files/s3-settings.ts';
import { type Signer, signerFrom } from './signing.ts';

const yes = z.enum(['true', 'false']).transform((value) => value === 'true');

const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4321),
  HOST: z.string().min(1).default('127.0.0.1'),
  SITE_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  DATABASE_URL_WEB: z.string().startsWith('postgres').optional(),
  DATABASE_URL_WORKER: z.string().startsWith('postgres').optional(),
  DATABASE_URL_JOBS: z.string().startsWith('postgres').optional(),
  CONTENT_DIR: z.string().min(1).default('./content'),
  DATA_DIR: z.string().min(1).default('./var'),
  FILES_URL: z.url({ protocol: /^https?$/ }).optional(),
  FILES: z
    .string()
    .regex(/^(disk:.|s3:)/, 'write disk:<folder>, or s3://bucket/prefix?endpoint=https://…&region=…')
    .optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  CLAMD: z
    .string()
    .regex(/^(\/.+|[^/]+:\d{1,5})$/, 'must be host:port or the path of a socket')
    .optional(),
  CLAMD_REQUIRED: yes.default(false),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().optional(),
  SECRET_KEY: z.string().min(32, 'at least 32 characters').optional(),
  RECEIPT_KEY: z.string().optional(),
  DEMO: yes.optional(),
  DEMO_PASSWORD: z.string().min(8).optional(),
  TRUST_PROXY: yes.default(false),
  WORKER: z.enum(['inline', 'separate', 'off']).default('inline'),
  NOW: z.string().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  MAX_FILE_MB: z.coerce.number().int().min(1).max(2000).default(50),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where the public finds the site; absolute links are built from it, never from a request. */
  readonly siteUrl: URL;
  /** The owner's connection; absent means the embedded PostgreSQL in dataDir. */
  readonly databaseUrl: string | undefined;
  readonly roleUrls: { readonly web?: string | undefined; readonly worker?: string | undefined; readonly jobs?: string | undefined };
  /** What editors write. */
  readonly contentDir: string;
  readonly dataDir: string;
  /** Where files lie, or with `s3` the folder of those on their way in. */
  readonly filesDir: string;
  /** A host name for uploaded files alone, so that nothing in them shares an origin with the portal. */
  readonly filesUrl: URL | undefined;
  readonly s3: S3Settings | undefined;
  /** Where clamd listens: host:port or the path of a socket. Without it no file is scanned for viruses. */
  readonly clamd: string | undefined;
  /** Whether to refuse to start while clamd does not answer. */
  readonly clamdRequired: boolean;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  readonly secretKey: string;
  /** Signs receipts and checkpoints of the audit log. */
  readonly signer: Signer;
  readonly demo: boolean;
  readonly demoPassword: string | undefined;
  readonly trustProxy: boolean;
  readonly worker: 'inline' | 'separate' | 'off';
  readonly clock: Clock;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly maxFileBytes: number;
}

/** A setting that cannot be used; the message is one sentence for the operator. */
export class SettingError extends Error {}

/** Reads the environment. Secrets of the demonstration are made once per data folder and kept there. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = settings.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SettingError(`Setting ${String(issue?.path[0])} cannot be used: ${issue?.message}. See .env.example.`);
  }
  const set = parsed.data;
  const dataDir = path.resolve(set.DATA_DIR);
  const demo = set.DEMO ?? set.DATABASE_URL === undefined;
  if (!demo && !set.SECRET_KEY) throw new SettingError('Setting SECRET_KEY is required outside the demonstration: at least 32 random characters.');
  if (!demo && set.NOW) throw new SettingError('Setting NOW moves the clock and is for the demonstration and tests only.');
  if (!demo && !set.SITE_URL) throw new SettingError('Setting SITE_URL is required outside the demonstration: the address the public uses, such as https://indkoeb.example.dk.');
  if (set.FILES_URL && new URL(set.FILES_URL).host === new URL(set.SITE_URL ?? `http://localhost:${set.PORT}`).host)
    throw new SettingError('Setting FILES_URL must be another host than SITE_URL: its purpose is that files share no origin with the portal.');
  if (set.CLAMD_REQUIRED && !set.CLAMD) throw new SettingError('Setting CLAMD_REQUIRED asks for a virus scanner, but CLAMD does not say where one listens.');
  return {
    port: set.PORT,
    host: set.HOST,
    siteUrl: new URL(set.SITE_URL ?? `http://localhost:${set.PORT}`),
    databaseUrl: set.DATABASE_URL,
    roleUrls: { web: set.DATABASE_URL_WEB, worker: set.DATABASE_URL_WORKER, jobs: set.DATABASE_URL_JOBS },
    contentDir: set.CONTENT_DIR,
    dataDir,
    filesUrl: set.FILES_URL ? new URL(set.FILES_URL) : undefined,
    filesDir: path.resolve(set.FILES?.startsWith('disk:') ? set.FILES.slice('disk:'.length) : path.join(dataDir, 'files')),
    s3: s3From(set),
    clamd: set.CLAMD,
    clamdRequired: set.CLAMD_REQUIRED,
    smtpUrl: set.SMTP_URL,
    mailFrom: set.MAIL_FROM,
    secretKey: set.SECRET_KEY ?? kept(dataDir, 'secret-key', () => randomBytes(32).toString('base64url')),
    signer: readSigner(set.RECEIPT_KEY, dataDir, demo),
    demo,
    demoPassword: demo ? (set.DEMO_PASSWORD ?? kept(dataDir, 'demo-password', () => randomBytes(9).toString('base64url'))) : undefined,
    trustProxy: set.TRUST_PROXY,
    worker: set.WORKER,
    clock: clockFrom(set.NOW),
    logLevel: set.LOG_LEVEL,
    maxFileBytes: set.MAX_FILE_MB * 1_000_000,
  };
}

function s3From(set: z.infer<typeof settings>): S3Settings | undefined {
  if (!set.FILES?.startsWith('s3:')) return undefined;
  try {
    return readS3Settings(set.FILES, set.S3_ACCESS_KEY_ID, set.S3_SECRET_ACCESS_KEY);
  } catch (error) {
    throw new SettingError(`Setting FILES cannot be used: ${(error as Error).message}. See .env.example.`);
  }
}

/** The key of the setting, or the one that lies in the data folder; the demonstration makes its own. */
function readSigner(setting: string | undefined, dataDir: string, demo: boolean): Signer {
  const name = 'receipt-key';
  if (!demo && !setting && !fs.existsSync(path.join(dataDir, name)))
    throw new SettingError('Setting RECEIPT_KEY is required outside the demonstration: what `openssl rand -base64 32` prints. Keep a copy: receipts are signed with it.');
  try {
    return signerFrom(setting ?? kept(dataDir, name, () => randomBytes(32).toString('base64')));
  } catch (error) {
    if (error instanceof RangeError) throw new SettingError('Setting RECEIPT_KEY cannot be used: neither 32 bytes as base64 nor an Ed25519 key as PEM. See .env.example.');
    throw error;
  }
}

function kept(dataDir: string, name: string, make: () => string): string {
  const file = path.join(dataDir, name);
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim();
  fs.mkdirSync(dataDir, { recursive: true });
  const made = make();
  fs.writeFileSync(file, `${made}\n`, { mode: 0o600 });
  return made;
}
