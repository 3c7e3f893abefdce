import type { Notice, Withheld } from './notice.ts';
import { dateAt, filled, type Reading, textAt, valueAt } from './values.ts';
import type { Element } from './xml.ts';

type Place = readonly (string | number)[];

const criterion = (field: string): string => `lots|groups.*.awardCriteria.*.${field}`;
const number = (field: string): string => criterion(`numbers.*.${field}`);
const lotResult = (field: string): string => `result.lotResults.*.${field}`;
const tender = (field: string): string => `result.tenders.*.${field}`;

/** Everything that may be kept back: the code in BT-195, the number of the field, and where it stands in a notice. */
const fields: Readonly<Record<string, readonly [field: string, at: string]>> = {
  'awa-cri-com': ['BT-543', 'lots|groups.*.awardMethod'],
  'awa-cri-des': ['BT-540', criterion('description')],
  'awa-cri-fix': ['BT-5422', number('meaning')],
  'awa-cri-nam': ['BT-734', criterion('name')],
  'awa-cri-num': ['BT-541', number('value')],
  'awa-cri-ord': ['BT-733', 'lots|groups.*.awardOrderReason'],
  'awa-cri-thr': ['BT-5423', number('meaning')],
  'awa-cri-typ': ['BT-539', criterion('type')],
  'awa-cri-wei': ['BT-5421', number('meaning')],
  'buy-rev-cou': ['BT-635', lotResult('reviewRequests.*.count')],
  'buy-rev-typ': ['BT-636', lotResult('reviewRequests.*.type')],
  'con-rev-buy': ['BT-160', tender('concession.*.fromBuyer')],
  'con-rev-use': ['BT-162', tender('concession.*.fromUsers')],
  'cou-ori': ['BT-191', tender('origins.*.country')],
  'cro-bor-law': ['BT-09', 'legalBasis.crossBorder'],
  'dir-awa-jus': ['BT-136', 'procedure.directAward.*.code'],
  'dir-awa-pre': ['BT-1252', 'procedure.directAward.*.previousProcedure'],
  'dir-awa-tex': ['BT-135', 'procedure.directAward.*.reason'],
  'gro-max-ide': ['BT-556', 'result.groupFrameworks.*.group'],
  'gro-max-val': ['BT-156', 'result.groupFrameworks.*.maximum'],
  'gro-ree-val': ['BT-1561', 'result.groupFrameworks.*.reestimated'],
  'max-val': ['BT-709', lotResult('frameworkMaximum')],
  'no-awa-rea': ['BT-144', lotResult('notAwardedReason')],
  'not-app-val': ['BT-1118', 'result.frameworkApproximate'],
  'not-max-val': ['BT-118', 'result.frameworkMaximum'],
  'not-val': ['BT-161', 'result.total'],
  'pro-acc': ['BT-106', 'procedure.accelerated'],
  'pro-acc-jus': ['BT-1351', 'procedure.acceleratedReason'],
  'pro-fea': ['BT-88', 'procedure.mainFeatures'],
  'pro-typ': ['BT-105', 'procedure.type'],
  'rec-sub-cou': ['BT-759', lotResult('received.*.count')],
  'rec-sub-typ': ['BT-760', lotResult('received.*.type')],
  'ree-val': ['BT-660', lotResult('frameworkReestimated')],
  'rev-req': ['BT-712', lotResult('complainants.*.count')],
  'sub-con': ['BT-773', tender('subcontracting.*.indication')],
  'sub-des': ['BT-554', tender('subcontracting.*.description')],
  'sub-per': ['BT-555', tender('subcontracting.*.percent')],
  'sub-per-kno': ['BT-731', tender('subcontracting.*.percentKnown')],
  'sub-val': ['BT-553', tender('subcontracting.*.value')],
  'sub-val-kno': ['BT-730', tender('subcontracting.*.valueKnown')],
  'ten-ran': ['BT-171', tender('rank')],
  'ten-val-hig': ['BT-711', lotResult('highest')],
  'ten-val-low': ['BT-710', lotResult('lowest')],
  'win-cho': ['BT-142', lotResult('winnerChosen')],
  'win-ten-val': ['BT-720', tender('value')],
  'win-ten-var': ['BT-193', tender('variant')],
};

const patterns = new Map(Object.values(fields).map(([, at]) => [at, at.split('.')]));

/** Every efac:FieldsPrivacy of the file, wherever it stands, with what it hides in the notice that was read from it. */
export function readWithheld(root: Element, notice: Omit<Notice, 'withheld'>, reading: Reading): Withheld[] {
  const found: Withheld[] = [];
  const visit = (element: Element): void => {
    if (element.name === 'efac:FieldsPrivacy') found.push(withheld(element, notice, reading));
    else if (element.name === 'efac:NoticeInformationNondisclosure') found.push(undisclosed(element, notice, reading));
    else for (const child of element.children) visit(child);
  };
  visit(root);
  return found;
}

function withheld(privacy: Element, notice: Omit<Notice, 'withheld'>, reading: Reading): Withheld {
  const code = valueAt(privacy, 'efbc:FieldIdentifierCode') ?? '';
  const known = Object.hasOwn(fields, code) ? fields[code] : undefined;
  let element: Element | undefined = privacy;
  while (element && !reading.places.has(element)) element = element.parent;
  const place = (element && reading.places.get(element)) ?? [];
  const hides = known ? [known[1]] : [...patterns.keys()];
  return filled<Withheld>({
    field: known?.[0],
    until: dateAt(privacy, 'efbc:PublicationDate', 'BT-198', reading),
    reason: valueAt(privacy, 'cbc:ReasonCode'),
    text: textAt(privacy, 'efbc:ReasonDescription', reading),
    beside: place,
    at: hides.flatMap((at) => placesOf(notice, patterns.get(at) ?? [], place, known !== undefined)),
  });
}

/**
 * From SDK 1.16 on, one mark for the notice names groups of data. The groups are not known here, so it hides
 * everything that may be kept back, and the result with all that is in it.
 */
function undisclosed(mark: Element, notice: Omit<Notice, 'withheld'>, reading: Reading): Withheld {
  const justification = 'efac:NondisclosureJustification/efbc:NondisclosureJustification';
  const hides = [...patterns.values()].flatMap((pattern) => placesOf(notice, pattern, [], true)).filter(([part]) => part !== 'result');
  return filled<Withheld>({
    field: undefined,
    until: dateAt(mark, 'efbc:InformationDisclosureDate', 'BT-198', reading),
    reason: valueAt(mark, `${justification}Code`),
    text: textAt(mark, `${justification}Description`, reading),
    beside: [],
    at: [['result'], ...hides],
  });
}

/**
 * Where the values stand that a pattern means, seen from the place of the mark. A mark at a place to which its field does not belong
 * hides the field everywhere: what is shown too early cannot be taken back.
 */
function placesOf(notice: object, pattern: readonly string[], place: Place, known: boolean): Place[] {
  const fits = (step: string | undefined, key: string | number): boolean => step === '*' || (step?.split('|').includes(String(key)) ?? false);
  const within = place.length < pattern.length && place.every((key, index) => fits(pattern[index], key));
  if (!within && !known) return [];
  let found: { at: Place; value: unknown }[] = [{ at: [], value: notice }];
  for (const [index, step] of pattern.entries()) {
    const own = within ? place[index] : undefined;
    found = found.flatMap(({ at, value }) => {
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value)
        .map(([key, inner]) => ({ key: Array.isArray(value) ? Number(key) : key, inner: inner as unknown }))
        .filter(({ key }) => (own === undefined ? fits(step, key) : key === own))
        .map(({ key, inner }) => ({ at: [...at, key], value: inner }));
    });
  }
  return found.map(({ at }) => at);
}

/**
 * The notice as it may be shown on that day: without the values that are kept back until a later one, or for good.
 * What is left in `withheld` is what a page can say "kept back until …" of. The notice given is not changed.
 */
export function publicNotice(notice: Notice, today: string): Notice {
  const kept = notice.withheld.filter(({ until }) => until === undefined || until > today);
  const shown = { ...structuredClone(notice), withheld: kept };
  for (const at of kept.flatMap((each) => each.at)) {
    let target: unknown = shown;
    for (const key of at.slice(0, -1)) target = typeof target === 'object' && target !== null ? Reflect.get(target, key) : undefined;
    const last = at.at(-1);
    if (typeof target === 'object' && target !== null && last !== undefined) Reflect.deleteProperty(target, last);
  }
  return shown;
}
