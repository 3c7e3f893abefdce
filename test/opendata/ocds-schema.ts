import fs from 'node:fs';
import path from 'node:path';
import type { ErrorObject } from 'ajv';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';

const folder = path.resolve('../shared/data/ocds');

/** The published schemas lie beside the repository, not in it. */
export const schemasAreHere = fs.existsSync(folder);
if (!schemasAreHere) console.log(`skipped: OCDS is not validated against its schemas, since ${folder} is not there`);

export const readOcds = (name: string): object => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as object;
export const codelist = (name: string): string[] =>
  fs
    .readFileSync(path.join(folder, 'eforms-profile/codelists', name), 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0] ?? '')
    .filter(Boolean);

/** Checks a package of one kind against OCDS 1.1.5, formats such as date-time included; the faults, or none. */
export function ocdsValidator(kind: 'release' | 'record'): (data: unknown) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  for (const name of ['release-schema', 'versioned-release-validation-schema']) ajv.addSchema(readOcds(`standard/${name}.json`));
  return validated(ajv.compile(readOcds(`standard/${kind}-package-schema.json`)));
}

/** Checks one release against the schema with lots, techniques, sustainability and other extensions merged in. */
export function extendedValidator(): (data: unknown) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return validated(ajv.compile(readOcds('eforms-profile/release-schema.json')));
}

function validated(check: { (data: unknown): unknown; errors?: ErrorObject[] | null }): (data: unknown) => string[] {
  return (data) => (check(data) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`));
}
