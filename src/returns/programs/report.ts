import type { Report } from '../check-rows.ts';
import { severities } from '../findings.ts';
import { letterOf } from '../reading/columns.ts';
import type { Asked } from '../register.ts';
import { sentenceOf, wrongIn } from '../words/words.ts';

/**
 * A report as programs read it: money in whole øre, `row` the line of the file with the header as line 1, `column` by its name in the template.
 * `fromLines`: the file was made of lines that came as JSON; each finding then says its line's place among them, counted from 0.
 */
export function reportForMachines(type: string, asked: Asked, report: Report, fromLines = false) {
  return {
    type,
    ...asked,
    agreementKnown: asked.agreement === undefined ? null : !report.unknownAgreement,
    rows: report.rows,
    totals: report.totals,
    canBeFiled: report.errors === 0,
    errorCount: report.errors,
    warningCount: report.warnings,
    kinds: report.kinds.map(({ code, column, count, firstLine }) => ({
      code,
      column,
      severity: severities[code],
      count,
      firstRow: firstLine,
      message_da: wrongIn(code, 'da'),
      message_en: wrongIn(code, 'en'),
    })),
    /** The first of them; how many there are in all is said above. */
    errors: report.findings.map((finding) => ({
      row: finding.line,
      ...(fromLines && finding.line > 1 && { index: finding.line - 2 }),
      column: finding.column,
      header: finding.place === null ? null : (report.header[finding.place] ?? null),
      letter: finding.place === null ? null : letterOf(finding.place),
      code: finding.code,
      severity: severities[finding.code],
      found: finding.found,
      message_da: sentenceOf(finding, 'da'),
      message_en: sentenceOf(finding, 'en'),
    })),
  };
}
