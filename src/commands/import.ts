import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { kinds, kindsOfContract } from '../agreements/content.ts';
import type { KeepRefusal } from '../agreements/draft.ts';
import { columnFields, type Mapping, plainHeader } from '../agreements/import/columns.ts';
import { importAgreements, previewImport } from '../agreements/import/import.ts';
import { type List, type ListFile, openList } from '../agreements/import/list.ts';
import { importMessages, sentenceOf } from '../agreements/import/messages.ts';
import { keepMessages } from '../agreements/staff/messages.ts';
import { importContextOf } from '../content/catalogue.ts';
import { contentStore } from '../content/store.ts';
import type { Config } from '../platform/config.ts';
import { SettingError } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';
import { Refusal } from '../platform/refusal.ts';
import { readRows, UnreadableSheet } from '../spreadsheet/read.ts';

export interface ImportOptions {
  readonly map?: string | undefined;
  readonly dryRun: boolean;
  readonly acceptCvr: boolean;
  readonly bringBack: boolean;
  /** Why, for the history of what the list changes. */
  readonly note: string;
}

/** import agreements <csv|xlsx>: brings a list in, or says what it would do. Exit code 0: all of it, 1: with faults left out, 2: could not be read. */
export async function importAgreementsCommand(db: Db, config: Config, log: Log, file: string, { map, dryRun, acceptCvr, bringBack, note }: ImportOptions): Promise<number> {
  if (acceptCvr && !dryRun && note === '') throw new SettingError('--accept-cvr needs a reason: --note "how you know that the CVR numbers are right"');
  const content = contentStore(config.contentDir, log).current();
  const context = importContextOf(content);
  const choices = { kind: kinds[1], kindOfContract: kindsOfContract[0], acceptCvr, bringBack };
  const source = listFile(file);
  const words = importMessages.en;
  try {
    const list = await openList(source);
    const mapping = map ? readMap(map, list) : list.guessed;
    console.log(
      `Header in line ${list.headerLine}: ${columnFields.flatMap((field) => (mapping[field] === undefined ? [] : [`${list.header[mapping[field] ?? 0]} → ${words.fields[field]}`])).join(', ')}`,
    );
    const preview = await db.transaction().execute((tx) => previewImport(tx, list, mapping, choices, context));
    for (const fault of preview.faults) console.error(sentenceOf(fault, list.header, 'en'));
    if (preview.faultCount > preview.faults.length) console.error(`and ${preview.faultCount - preview.faults.length} more`);
    console.log(
      `${preview.agreements} agreements can be read: ${preview.created} new, ${preview.changed} changed, ${preview.unchanged} as they are${withdrawnIn(bringBack ? preview.withdrawn : 0, bringBack ? 0 : preview.withdrawn)}. ${preview.faultyRows} lines have faults.`,
    );
    if (dryRun) return preview.faultCount > 0 ? 1 : 0;
    const again = await openList(source);
    const done = await db.transaction().execute((tx) =>
      importAgreements(tx, again, mapping, choices, context, {
        reader: db,
        fileName: path.basename(file),
        by: null,
        byName: 'command',
        now: config.clock.now(),
        note,
        progress: (count) => process.stdout.isTTY && process.stdout.write(`\r${count} of ${preview.agreements}`),
      }),
    );
    console.log(`Import ${done.id}: ${done.created} new, ${done.changed} changed, ${done.unchanged} as they were${withdrawnIn(done.back, done.left)}.`);
    return preview.faultCount > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof UnreadableSheet) throw new SettingError(`${file}: ${words.sheet[error.code]}${error.line ? ` (line ${error.line})` : ''}`);
    if (error instanceof Refusal) throw new SettingError(`${file}: ${keepMessages.en.refusals[error.code as KeepRefusal]}`);
    throw error;
  }
}

const withdrawnIn = (back: number, left: number): string =>
  (back > 0 ? `, ${back} back on the site` : '') + (left > 0 ? `, ${left} withdrawn and left so; --bring-back puts them back on the site` : '');

function listFile(file: string): ListFile {
  const kind = path.extname(file).slice(1).toLowerCase();
  if (!fs.existsSync(file)) throw new SettingError(`${file}: there is no such file`);
  if (kind !== 'csv' && kind !== 'xlsx') throw new SettingError(`${file}: must be a .csv or .xlsx file`);
  return { path: file, kind };
}

/** A YAML file of field: header, for a list whose headers are not known. */
function readMap(file: string, list: List): Mapping {
  const wanted = z.partialRecord(z.enum(columnFields), z.string()).parse(parse(fs.readFileSync(file, 'utf8')));
  return Object.fromEntries(
    Object.entries(wanted).map(([field, header]) => {
      const place = list.header.findIndex((name) => plainHeader(name) === plainHeader(header));
      if (place < 0) throw new SettingError(`${file}: ${field}: the list has no column "${header}"; it has: ${list.header.join(', ')}`);
      return [field, place];
    }),
  );
}

const cpvColumns = ['code', 'check_digit', 'label_da', 'label_en'] as const;

/** import cpv <csv>: brings in the common procurement vocabulary; columns code, check_digit, label_da, label_en. */
export async function importCpvCommand(db: Db, file: string): Promise<number> {
  let places: number[] | undefined;
  const rows: { code: string; check_digit: string; title_da: string; title_en: string }[] = [];
  for await (const { line, cells } of readRows(file, { kind: 'csv' })) {
    const texts = cells.map(({ text }) => text);
    if (!places) {
      places = cpvColumns.map((name) => texts.indexOf(name));
      if (places.includes(-1)) throw new SettingError(`${file}: the first line must have the columns ${cpvColumns.join(', ')}`);
      continue;
    }
    const [code = '', check_digit = '', title_da = '', title_en = ''] = places.map((place) => texts[place] ?? '');
    if (!/^\d{8}$/.test(code)) throw new SettingError(`${file}: line ${line}: "${code}" is no CPV code of eight digits`);
    rows.push({ code, check_digit, title_da, title_en });
  }
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('cpv_code').execute();
    for (let at = 0; at < rows.length; at += 1_000)
      await tx
        .insertInto('cpv_code')
        .values(rows.slice(at, at + 1_000))
        .execute();
  });
  console.log(`${rows.length} CPV codes are in place.`);
  return 0;
}
