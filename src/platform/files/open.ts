import path from 'node:path';
import type { Config } from '../config.ts';
import { filesOnDisk } from './disk.ts';
import type { Files } from './files.ts';
import { filesInS3 } from './s3.ts';

/** The store of the settings. */
export function openFiles({ filesDir, s3 }: Pick<Config, 'filesDir' | 's3'>): Files {
  return s3 ? filesInS3(s3, path.join(filesDir, 'incoming')) : filesOnDisk(filesDir);
}
