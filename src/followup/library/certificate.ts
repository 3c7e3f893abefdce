import type { Language } from '../../i18n/language.ts';
import { addDays } from '../../platform/clock.ts';
import type { Fault } from '../../platform/refusal.ts';
import type { Answers } from '../answers.ts';
import type { ObligationType } from '../obligation-type.ts';

/** A type whose documentation is a certificate: sent once, kept in the library, used for many tasks until it runs out. */
export type CertificateType = ObligationType & { readonly certificate: NonNullable<ObligationType['certificate']> };

export function isCertificate(type: ObligationType): type is CertificateType {
  return type.certificate !== undefined;
}

/** What identifies a certificate, read from its answers: what the type's fields call it, in the reader's language. */
export interface Certificate {
  readonly name: string;
  readonly number: string;
  readonly issuer: string;
  /** YYYY-MM-DD, both days included. Null: since ever, or until further notice. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

export function certificateOf({ certificate: keys, fields, title }: CertificateType, answers: Answers, lang: Language): Certificate {
  const answer = (key: string | undefined): string => (key === undefined ? '' : String(answers[key] ?? ''));
  const option = fields
    .filter((field) => field.type !== 'table')
    .find((field) => field.key === keys.name)
    ?.options?.find(({ value }) => value === answer(keys.name));
  return {
    name: option?.label[lang] ?? (answer(keys.name) || title[lang]),
    number: answer(keys.number),
    issuer: answer(keys.issuer),
    validFrom: answer(keys.validFrom) || null,
    validTo: answer(keys.validTo) || null,
  };
}

export type CertificateFault = 'expired-already' | 'ends-before-it-begins';

/** What is wrong with the dates of a certificate, where they could be read at all. */
export function certificateFaults(type: CertificateType, answers: Answers, today: string): Fault<CertificateFault>[] {
  const { validFrom, validTo } = certificateOf(type, answers, 'da');
  const field = type.certificate.validTo;
  if (validTo !== null && validTo < today) return [{ field, code: 'expired-already' }];
  return validTo !== null && validFrom !== null && validTo < validFrom ? [{ field, code: 'ends-before-it-begins' }] : [];
}

/** Days before a certificate runs out at which its renewal is asked for. */
export const renewalDays = 60;

export type EvidenceStanding = 'valid' | 'runs-out' | 'expired' | 'withdrawn';

/** Where a certificate stands today; its last day is still a good day. */
export function evidenceStanding(evidence: { readonly valid_to: string | null; readonly withdrawn_at: Date | null }, today: string): EvidenceStanding {
  if (evidence.withdrawn_at) return 'withdrawn';
  if (evidence.valid_to === null) return 'valid';
  if (evidence.valid_to < today) return 'expired';
  return evidence.valid_to <= addDays(today, renewalDays) ? 'runs-out' : 'valid';
}
