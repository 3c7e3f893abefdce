import { checkNotice, subtypes } from './check.ts';
import type { Purpose } from './lot.ts';
import type { NoticeFault } from './messages.ts';
import type { Change, LegalBasis, Modification, Notice, Procedure } from './notice.ts';
import { readBuyers, readOrganisations } from './organisations.ts';
import { readWithheld } from './privacy.ts';
import { allWith, readLots, readPreviousNotices, readPurpose } from './read-lots.ts';
import { readResult } from './read-result.ts';
import { codesAt, dateAt, deadlineAt, filled, flagAt, type Reading, textAt, valueAt, valuesAt } from './values.ts';
import { all, type Element, extension, first, parseFile, Unreadable } from './xml.ts';

export type ReadNotice = { readonly ok: true; readonly notice: Notice } | { readonly ok: false; readonly faults: readonly NoticeFault[] };

/**
 * Reads one eForms notice: EU notice XML of SDK 1.10 and later, of every subtype that is about a procurement.
 * A file that is none, and a notice without what its subtype must have, come back with every fault that was found.
 */
export function readNotice(file: Uint8Array): ReadNotice {
  let root: Element;
  try {
    root = parseFile(file);
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, faults: [error.fault] };
    throw error;
  }
  const reading: Reading = { language: valueAt(root, 'cbc:NoticeLanguageCode')?.toUpperCase() ?? 'ENG', faults: [], places: new Map() };
  const notice = readParts(root, reading);
  const withheld = readWithheld(root, notice, reading);
  const faults = [...checkNotice(root, notice), ...reading.faults];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, notice: { ...notice, withheld } };
}

function readParts(root: Element, reading: Reading): Omit<Notice, 'withheld'> {
  const eforms = first(root, extension);
  const publication = first(eforms, 'efac:Publication');
  const subtype = valueAt(eforms, 'efac:NoticeSubType/cbc:SubTypeCode') ?? '';
  const change = readChange(first(eforms, 'efac:Changes'), reading);
  const reasons = change?.reasons.map(({ code }) => code) ?? [];
  return filled<Omit<Notice, 'withheld'>>({
    root: root.name as Notice['root'],
    kind: subtypes.get(subtype)?.kind ?? 'planning',
    subtype,
    formType: all(root, 'cbc:NoticeTypeCode')[0]?.attributes.listName ?? '',
    noticeType: valueAt(root, 'cbc:NoticeTypeCode') ?? '',
    sdk: /eforms-sdk-(\d+\.\d+)/.exec(valueAt(root, 'cbc:CustomizationID') ?? '')?.[1] ?? '',
    id: all(root, 'cbc:ID').find(({ attributes }) => attributes.schemeName === 'notice-id')?.text ?? '',
    version: valueAt(root, 'cbc:VersionID') ?? '',
    procedureId: valueAt(root, 'cbc:ContractFolderID'),
    language: reading.language,
    otherLanguages: valuesAt(root, 'cac:AdditionalNoticeLanguage/cbc:ID'),
    dispatched: deadlineAt(root, ['cbc:IssueDate', 'cbc:IssueTime'], 'BT-05', reading, '00:00:00') ?? { at: '', date: '', assumed: [] },
    plannedPublication: dateAt(root, 'cbc:PlannedDate', 'BT-127', reading),
    requestedPublication: dateAt(root, 'cbc:RequestedPublicationDate', 'BT-738', reading),
    publication: filled<Notice['publication']>({
      number: valueAt(publication, 'efbc:NoticePublicationID'),
      gazette: valueAt(publication, 'efbc:GazetteID'),
      date: dateAt(publication, 'efbc:PublicationDate', 'OPP-012', reading),
    }),
    legalBasis: readLegalBasis(root, reading),
    change,
    cancelled: reasons.includes('cancel') ? 'cancel' : reasons.includes('cancel-intent') ? 'cancel-intent' : undefined,
    modifications: all(eforms, 'efac:ContractModification').map((modification) => readModification(modification, reading)),
    buyers: readBuyers(root),
    organisations: readOrganisations(root, reading),
    procedure: readProcedure(root, reading),
    lots: readLots(root, 'Lot', 'lots', reading),
    groups: readLots(root, 'LotsGroup', 'groups', reading),
    parts: readLots(root, 'Part', 'parts', reading),
    result: readResult(root, reading),
  });
}

function readLegalBasis(root: Element, reading: Reading): LegalBasis {
  const references = all(root, 'cac:TenderingTerms/cac:ProcurementLegislationDocumentReference');
  const isCrossBorder = (reference: Element): boolean => valueAt(reference, 'cbc:ID') === 'CrossBorderLaw';
  for (const reference of references) reading.places.set(reference, ['legalBasis']);
  return filled<LegalBasis>({
    regulation: valueAt(root, 'cbc:RegulatoryDomain') ?? '',
    references: references
      .filter((reference) => !isCrossBorder(reference))
      .map((reference) => {
        const id = valueAt(reference, 'cbc:ID');
        const local = id === 'LocalLegalBasis';
        return filled<LegalBasis['references'][number]>({
          id: local ? undefined : id,
          scheme: all(reference, 'cbc:ID')[0]?.attributes.schemeName,
          text: textAt(reference, 'cbc:DocumentDescription', reading),
          local: local ? true : undefined,
        });
      }),
    crossBorder: textAt(references.find(isCrossBorder), 'cbc:DocumentDescription', reading),
  });
}

const readReasons = (from: Element, reading: Reading): Change['reasons'] =>
  all(from, 'efac:ChangeReason').map((reason) =>
    filled<Change['reasons'][number]>({ code: valueAt(reason, 'cbc:ReasonCode'), text: textAt(reason, 'efbc:ReasonDescription', reading) }),
  );

const changedSections = 'efac:ChangedSection/efbc:ChangedSectionIdentifier';

function readChange(changes: Element | undefined, reading: Reading): Change | undefined {
  if (!changes) return undefined;
  const notice = valueAt(changes, 'efbc:ChangedNoticeIdentifier') ?? '';
  const parts = /^([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})-(\d+)$/i.exec(notice);
  return filled<Change>({
    notice,
    noticeId: parts?.[1] ?? notice,
    noticeVersion: parts?.[2],
    reasons: readReasons(changes, reading),
    changes: all(changes, 'efac:Change').map((change) =>
      filled<Change['changes'][number]>({
        description: textAt(change, 'efbc:ChangeDescription', reading),
        sections: valuesAt(change, changedSections),
        documentsChanged: flagAt(change, 'efbc:ProcurementDocumentsChangeIndicator'),
        documentsChangedOn: dateAt(change, 'efbc:ProcurementDocumentsChangeDate', 'BT-719', reading),
      }),
    ),
  });
}

function readModification(modification: Element, reading: Reading): Modification {
  return filled<Modification>({
    previousNotice: valueAt(modification, 'efbc:ChangedNoticeIdentifier'),
    contract: valueAt(modification, 'efbc:ModifiedContractIdentifier'),
    reasons: readReasons(modification, reading),
    changes: all(modification, 'efac:Change').map((change) =>
      filled<Modification['changes'][number]>({ description: textAt(change, 'efbc:ChangeDescription', reading), sections: valuesAt(change, changedSections) }),
    ),
  });
}

function readProcedure(root: Element, reading: Reading): Procedure {
  const process = first(root, 'cac:TenderingProcess');
  const terms = first(root, 'cac:TenderingTerms');
  const distribution = first(terms, 'cac:LotDistribution');
  const justified = (list: string): Element[] => allWith(process, 'cac:ProcessJustification', 'cbc:ProcessReasonCode', list);
  const [accelerated] = justified('accelerated-procedure');
  const requirement = 'cac:TendererQualificationRequest/cac:SpecificTendererRequirement';
  const allLots = valueAt(process, 'cbc:PartPresentationCode');
  if (process) reading.places.set(process, ['procedure']);
  return filled<Procedure>({
    ...(readPurpose(first(root, 'cac:ProcurementProject'), reading) as Required<Purpose>),
    type: valueAt(process, 'cbc:ProcedureCode'),
    accelerated: flagAt(accelerated, 'cbc:ProcessReasonCode'),
    acceleratedReason: textAt(accelerated, 'cbc:ProcessReason', reading),
    mainFeatures: textAt(process, 'cbc:Description', reading),
    directAward: justified('direct-award-justification').map((element, index) => {
      reading.places.set(element, ['procedure', 'directAward', index]);
      return filled<Procedure['directAward'][number]>({
        code: valueAt(element, 'cbc:ProcessReasonCode'),
        reason: textAt(element, 'cbc:ProcessReason', reading),
        previousProcedure: valueAt(element, 'cbc:Description'),
      });
    }),
    previousNotices: readPreviousNotices(process),
    maxLotsTendered: valueAt(distribution, 'cbc:MaximumLotsSubmittedNumeric'),
    maxLotsAwarded: valueAt(distribution, 'cbc:MaximumLotsAwardedNumeric'),
    allLotsRequired: allLots === undefined ? undefined : allLots === 'all',
    groups: all(distribution, 'cac:LotsGroup').map((group) => ({
      id: valueAt(group, 'cbc:LotsGroupID') ?? '',
      lots: valuesAt(group, 'cac:ProcurementProjectLotReference/cbc:ID'),
    })),
    exclusionGrounds: allWith(terms, requirement, 'cbc:TendererRequirementTypeCode', 'exclusion-ground').map((ground) =>
      filled<Procedure['exclusionGrounds'][number]>({ code: valueAt(ground, 'cbc:TendererRequirementTypeCode') ?? '', text: textAt(ground, 'cbc:Description', reading) }),
    ),
    exclusionSource: codesAt(terms, `${requirement}/cbc:TendererRequirementTypeCode`, 'exclusion-grounds-source')[0],
    terminated: flagAt(process, 'cbc:TerminatedIndicator'),
    relaunched: flagAt(process, `${extension}/efbc:ProcedureRelaunchIndicator`),
  });
}
