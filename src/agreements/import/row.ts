import type { Row } from '../../spreadsheet/read.ts';
import type { Catalogue } from '../catalogue.ts';
import { type AgreementContent, type AgreementInput, agreementContentSchema } from '../content.ts';
import type { ColumnField, Mapping } from './columns.ts';
import type { Names } from './names.ts';
import { readSuppliers } from './suppliers.ts';
import { kindOfContractFor, readAmount, readCpv, readDay, readKind, readKindOfContract, readProcedure, readYes } from './values.ts';

/** What can be wrong with a cell; the words for each are in messages.ts. */
export const cellFaults = [
  'number-missing',
  'number-wrong',
  'title-missing',
  'date-missing',
  'date-wrong',
  'ends-before-start',
  'option-wrong',
  'option-before-end',
  'supplier-missing',
  'supplier-name-missing',
  'cvr-missing',
  'cvr-wrong',
  'cvr-check',
  'cvr-count',
  'supplier-twice',
  'cpv-wrong',
  'cpv-unknown',
  'amount-wrong',
  'amount-unsure',
  'kind-wrong',
  'procedure-wrong',
  'kind-of-contract-wrong',
  'yes-wrong',
  'email-wrong',
  'url-wrong',
  'requirement-unknown',
  'duplicate-number',
  'formula',
  'too-long',
  'not-usable',
  'supplier-has-tasks',
] as const;
export type CellFault = (typeof cellFaults)[number];

export interface RowFault {
  /** The line of the file as the person sees it, the header counted. */
  readonly line: number;
  /** The column's place counted from 0; null where no column of the list holds the field. */
  readonly column: number | null;
  readonly field: ColumnField;
  readonly code: CellFault;
  readonly found: string;
}

/** What a list does not say, and staff decide for all of it. */
export interface ImportChoices {
  readonly kind: AgreementContent['kind'];
  readonly kindOfContract: AgreementContent['kindOfContract'];
  /** Take CVR numbers whose check digit does not fit; the reason is kept with the import. */
  readonly acceptCvr: boolean;
  /** Put agreements back on the site that were withdrawn; else they are left alone. */
  readonly bringBack: boolean;
}

export interface RowContext {
  readonly mapping: Mapping;
  readonly choices: ImportChoices;
  readonly catalogue: Catalogue;
  /** Names of content/requirements, and their titles in both languages as plain text. */
  readonly requirementIds: ReadonlyMap<string, string>;
  /** CPV codes that exist; null while the table has not been brought in. */
  readonly cpvCodes: ReadonlySet<string> | null;
  /** What suppliers are called whose names the lines do not say; grows with those that they say. */
  readonly names: Names;
}

const several = (text: string): string[] =>
  text
    .split(/\s*[|\n]\s*/)
    .map((part) => part.trim())
    .filter(Boolean);

/**
 * Reads the lines of one agreement onto what is published already: cells that are empty or have no column leave what was.
 * The first line says all but the suppliers. With faults there is no content.
 */
export function readRow(
  rows: readonly [Row, ...Row[]],
  before: AgreementContent | null,
  context: RowContext,
): { readonly content: AgreementContent | null; readonly faults: readonly RowFault[] } {
  const { mapping, choices, catalogue } = context;
  const { line: firstLine, cells } = rows[0];
  const faults: RowFault[] = [];
  const text = (field: ColumnField): string => {
    const place = mapping[field];
    return place === undefined ? '' : (cells[place]?.text ?? '').trim();
  };
  const wrong = (field: ColumnField, code: CellFault, found = text(field), line = firstLine): null => {
    faults.push({ line, column: mapping[field] ?? null, field, code, found: found.slice(0, 200) });
    return null;
  };
  const read = <T>(field: ColumnField, reader: (text: string) => T | null, code: CellFault): T | null => {
    const cell = text(field);
    return cell === '' ? null : (reader(cell) ?? wrong(field, code));
  };
  const draft: AgreementInput =
    structuredClone(before) ??
    ({
      number: '',
      title: { da: '' },
      suppliers: [],
      startsOn: '',
      endsOn: '',
      kind: choices.kind,
      kindOfContract: choices.kindOfContract,
      procedure: 'not-stated',
    } as AgreementInput);

  const number = text('number').replace(/\s+/g, '-');
  if (number === '') wrong('number', 'number-missing');
  draft.number = number;
  const words = (name: 'title' | 'summary' | 'coverage' | 'ordering' | 'notCovered' | 'contactTeam', da: ColumnField, en?: ColumnField): void => {
    const [danish, english] = [text(da), en ? text(en) : ''];
    if (danish || english) draft[name] = { da: danish || (draft[name]?.da ?? ''), en: english || (draft[name]?.en ?? '') };
  };
  words('title', 'titleDa', 'titleEn');
  words('summary', 'summaryDa', 'summaryEn');
  words('coverage', 'coverageDa');
  words('ordering', 'orderingDa');
  words('notCovered', 'notCoveredDa');
  words('contactTeam', 'contactTeamDa');
  if (!draft.title.da) wrong('titleDa', 'title-missing');

  for (const field of ['startsOn', 'endsOn'] as const) {
    draft[field] = read(field, readDay, 'date-wrong') ?? draft[field];
    if (!draft[field] && text(field) === '') wrong(field, 'date-missing');
  }
  const options = several(text('options'));
  if (options.length > 0) {
    const days = options.map((option) => readDay(option.replace(/\s*\(.*\)$/, '').replace(/^til\s+/i, '')));
    if (days.includes(null)) wrong('options', 'option-wrong');
    else {
      const was = new Map((before?.options ?? []).map((option) => [option.extendsTo, option]));
      // A list says how far, seldom by when notice is due: at the latest on the day it would end.
      draft.options = (days as string[])
        .sort()
        .map((extendsTo, index) => was.get(extendsTo) ?? { extendsTo, noticeBy: index === 0 ? draft.endsOn : (days[index - 1] ?? draft.endsOn), used: false });
    }
  }

  // Whatever else is wrong with the line: who mends it should see all of it at once.
  const areRead = (...fields: ColumnField[]): boolean => !faults.some(({ field }) => fields.includes(field));
  const [dates, extensions] = [areRead('startsOn', 'endsOn'), areRead('endsOn', 'options')];
  if (dates && draft.endsOn < draft.startsOn) wrong('endsOn', 'ends-before-start');
  if (extensions && draft.options?.some(({ extendsTo }) => extendsTo <= draft.endsOn)) wrong('options', 'option-before-end');

  const supplierFaults = faults.length;
  const suppliers = readSuppliers(rows, { mapping, acceptCvr: choices.acceptCvr, names: context.names, before: before?.suppliers ?? [], wrong });
  if (suppliers.length > 0) draft.suppliers = suppliers;
  else if (draft.suppliers.length === 0 && faults.length === supplierFaults) wrong('supplierName', 'supplier-missing');
  const cpv = read('cpv', readCpv, 'cpv-wrong');
  const unknown = cpv?.find((code) => context.cpvCodes !== null && !context.cpvCodes.has(code));
  if (unknown) wrong('cpv', 'cpv-unknown', unknown);
  else if (cpv?.[0]) {
    draft.cpvMain = cpv[0];
    draft.cpv = cpv;
  } else if (!draft.cpvMain && text('category')) {
    draft.cpvMain = catalogue.codeOf(text('category'));
    draft.cpv = draft.cpvMain ? [draft.cpvMain] : [];
  }
  const amount = read('value', readAmount, 'amount-wrong');
  if (amount === 'unsure') wrong('value', 'amount-unsure');
  else if (amount !== null) draft.valueOre = amount;
  draft.kind = read('kind', readKind, 'kind-wrong') ?? draft.kind;
  draft.procedure = read('procedure', readProcedure, 'procedure-wrong') ?? draft.procedure;
  draft.kindOfContract =
    read('kindOfContract', readKindOfContract, 'kind-of-contract-wrong') ??
    (before ? draft.kindOfContract : draft.cpvMain ? kindOfContractFor(draft.cpvMain) : draft.kindOfContract);
  draft.mandatory = read('mandatory', readYes, 'yes-wrong') ?? draft.mandatory;
  if (text('contactEmail')) draft.contactEmail = read('contactEmail', (mail) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(mail) ? mail : null), 'email-wrong');
  if (text('priceListUrl')) draft.priceListUrl = read('priceListUrl', (url) => (/^https?:\/\/\S+$/.test(url) ? url : null), 'url-wrong');
  const requirements = several(text('requirements'));
  const strange = requirements.find((each) => !context.requirementIds.has(each.toLowerCase()));
  if (strange) wrong('requirements', 'requirement-unknown', strange);
  else if (requirements.length > 0) draft.requirements = requirements.map((each) => context.requirementIds.get(each.toLowerCase()) ?? each);
  if (text('predecessor')) draft.predecessor = text('predecessor');

  for (const row of rows)
    for (const field of Object.keys(mapping) as ColumnField[]) {
      const cell = row.cells[mapping[field] ?? -1];
      if (cell?.formula && /^#/.test(cell.text)) wrong(field, 'formula', cell.text, row.line);
      if ((cell?.text.length ?? 0) > 5_000) wrong(field, 'too-long', cell?.text, row.line);
    }
  if (faults.length > 0) return { content: null, faults };
  const parsed = agreementContentSchema.safeParse(draft);
  if (parsed.success) return { content: parsed.data, faults };
  for (const issue of parsed.error.issues) {
    if (issue.path[0] === 'number') wrong('number', 'number-wrong');
    else if (issue.message === 'supplier-twice') wrong('supplierCvr', 'supplier-twice');
    else wrong('number', 'not-usable', `${issue.path.join('.')}: ${issue.message}`);
  }
  return { content: null, faults };
}
