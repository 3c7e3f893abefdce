import type { MarkToBuild, Money, Words } from './notice-to-build.ts';

export const escaped = (text: string): string => text.replace(/[&<"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;' })[sign] ?? '&quot;');
export const tag = (name: string, inner: string | undefined, attributes = ''): string => (inner ? `<${name}${attributes}>${inner}</${name}>` : '');
export const coded = (name: string, list: string, code: string | undefined): string => (code === undefined ? '' : `<${name} listName="${list}">${escaped(code)}</${name}>`);
export const ids = (party: string, refs: readonly string[]): string => refs.map((ref) => tag(party, tag('cac:PartyIdentification', tag('cbc:ID', ref)))).join('');
export const words = (name: string, text: Words | undefined, language = 'DAN'): string =>
  Object.entries(typeof text === 'string' ? { [language]: text } : (text ?? {}))
    .map(([lang, each]) => `<${name} languageID="${lang}">${escaped(each)}</${name}>`)
    .join('');
export const money = (name: string, value: Money | undefined): string => {
  const [amount, currency] = typeof value === 'string' ? [value, 'DKK'] : (value ?? []);
  return amount === undefined ? '' : `<${name} currencyID="${currency}">${amount}</${name}>`;
};
export const extended = (inner: string): string => inner && tag('ext:UBLExtensions', tag('ext:UBLExtension', tag('ext:ExtensionContent', tag('efext:EformsExtension', inner))));
export const marks = (withheld: readonly MarkToBuild[] = []): string =>
  withheld
    .map(({ field, until }) =>
      tag(
        'efac:FieldsPrivacy',
        coded('efbc:FieldIdentifierCode', 'non-publication-identifier', field) +
          coded('cbc:ReasonCode', 'non-publication-justification', 'eo-int') +
          words('efbc:ReasonDescription', 'Forretningshemmelighed') +
          tag('efbc:PublicationDate', until),
      ),
    )
    .join('');
export const period = (name: string, at: readonly [date: string, time?: string] | undefined, kind = 'End'): string =>
  at ? tag(name, tag(`cbc:${kind}Date`, at[0]) + tag(`cbc:${kind}Time`, at[1])) : '';
