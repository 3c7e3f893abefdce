import type { Db } from '../../platform/db.ts';
import { paths } from '../publication.ts';
import { lastOfYear, publicationsOf } from './feed.ts';
import { type OcdsContext, packageHead, releaseOf } from './release.ts';

/** All releases of a year as one package, in pieces as it is read; null when nothing was published that year. */
export async function yearPackage(db: Db, year: number, about: OcdsContext): Promise<AsyncGenerator<string> | null> {
  const last = await lastOfYear(db, year);
  if (!last) return null;
  async function* parts(head: object): AsyncGenerator<string> {
    yield `${JSON.stringify(head).slice(0, -1)},"releases":[`;
    let separator = '';
    for await (const version of publicationsOf(db, year)) {
      yield separator + JSON.stringify(releaseOf(version, about));
      separator = ',';
    }
    yield ']}';
  }
  return parts(packageHead(paths.package(String(year)), last.toISOString(), about));
}
