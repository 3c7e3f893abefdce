import { buildResult } from './build-result.ts';
import type { LotToBuild, NoticeToBuild, PartyToBuild } from './notice-to-build.ts';
import { coded, escaped, extended, ids, marks, money, period, tag, words } from './notice-xml.ts';

export type { LotToBuild, Money, NoticeToBuild, PartyToBuild, ResultToBuild, WinnerToBuild } from './notice-to-build.ts';

const families: readonly (readonly [RegExp, root: string, form: string, type: string])[] = [
  [/^[1-3]$/, 'PriorInformationNotice', 'planning', 'pin-buyer'],
  [/^([4-6]|E2)$/, 'PriorInformationNotice', 'planning', 'pin-only'],
  [/^[7-9]$/, 'PriorInformationNotice', 'planning', 'pin-rtl'],
  [/^E1$/, 'PriorInformationNotice', 'consultation', 'pmc'],
  [/^(1[0-4]|CEI)$/, 'PriorInformationNotice', 'competition', 'pin-cfc-standard'],
  [/^(1[5-9]|2[0-4]|E3)$/, 'ContractNotice', 'competition', 'cn-standard'],
  [/^2[5-8]$/, 'ContractAwardNotice', 'dir-awa-pre', 'veat'],
  [/^(29|3[0-7]|E4)$/, 'ContractAwardNotice', 'result', 'can-standard'],
  [/^(3[89]|40|E6)$/, 'ContractAwardNotice', 'cont-modif', 'can-modif'],
  [/^E5$/, 'ContractAwardNotice', 'completion', 'compl'],
  [/^T01$/, 'PriorInformationNotice', 'planning', 'pin-tran'],
  [/^T02$/, 'ContractAwardNotice', 'result', 'can-tran'],
];

/** An id that looks as those of notices do. */
export const noticeId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const municipality: PartyToBuild = { name: 'Solby Kommune', cvr: '13585628', country: 'DNK' };

export function buildNotice(notice: NoticeToBuild = {}): string {
  const subtype = notice.subtype ?? '16';
  const [, root, form, type] = families.find(([pattern]) => pattern.test(subtype)) ?? [/^/, 'ContractNotice', 'competition', 'cn-standard'];
  const plans = form === 'planning' || form === 'consultation';
  const organisations: PartyToBuild[] = [...(notice.buyers ?? [municipality]), ...(notice.organisations ?? [])];
  const register = (party: PartyToBuild): string => {
    const known = organisations.indexOf(party);
    return `ORG-${String(known < 0 ? organisations.push(party) : known + 1).padStart(4, '0')}`;
  };
  const result = notice.result ? buildResult(notice.result, register) : '';
  const { change, modification } = notice;
  const language = notice.language ?? 'DAN';
  const eforms = [
    change &&
      tag(
        'efac:Changes',
        tag('efbc:ChangedNoticeIdentifier', change.notice) +
          (change.changes ?? [])
            .map(({ description, sections, documentsChangedOn }) =>
              tag(
                'efac:Change',
                words('efbc:ChangeDescription', description) +
                  (documentsChangedOn ? tag('efbc:ProcurementDocumentsChangeDate', documentsChangedOn) + tag('efbc:ProcurementDocumentsChangeIndicator', 'true') : '') +
                  sections.map((section) => tag('efac:ChangedSection', tag('efbc:ChangedSectionIdentifier', section))).join(''),
              ),
            )
            .join('') +
          change.reasons.map((code) => tag('efac:ChangeReason', coded('cbc:ReasonCode', 'change-corrig-justification', code) + words('efbc:ReasonDescription', 'Derfor'))).join(''),
      ),
    modification &&
      tag(
        'efac:ContractModification',
        tag('efbc:ChangedNoticeIdentifier', modification.notice) +
          tag('efbc:ModifiedContractIdentifier', modification.contract) +
          tag(
            'efac:Change',
            words('efbc:ChangeDescription', modification.description) +
              (modification.sections ?? []).map((section) => tag('efac:ChangedSection', tag('efbc:ChangedSectionIdentifier', section))).join(''),
          ) +
          tag('efac:ChangeReason', coded('cbc:ReasonCode', 'modification-justification', modification.reason) + words('efbc:ReasonDescription', modification.text)),
      ),
    result,
    tag('efac:NoticeSubType', coded('cbc:SubTypeCode', 'notice-subtype', subtype)),
    tag('efac:Organizations', organisations.map((party, index) => buildOrganisation(party, index)).join('')),
    notice.publication &&
      tag(
        'efac:Publication',
        tag('efbc:NoticePublicationID', notice.publication.number, ' schemeName="ojs-notice-id"') +
          tag('efbc:GazetteID', notice.publication.gazette, ' schemeName="ojs-id"') +
          tag('efbc:PublicationDate', notice.publication.date),
      ),
  ];
  const procedureId = notice.procedureId === undefined ? (plans ? null : noticeId(9)) : notice.procedureId;
  const [date, time] = notice.dispatched ?? ['2026-11-02+01:00', '09:30:00+01:00'];
  const lots = notice.lots ?? (plans ? [] : [{}]);
  const ubl = 'urn:oasis:names:specification:ubl:schema:xsd:';
  const eu = 'http://data.europa.eu/p27/eforms-ubl-extension';
  return `<?xml version="1.0" encoding="UTF-8"?>
<${root} xmlns="${ubl}${root}-2" xmlns:cac="${ubl}CommonAggregateComponents-2" xmlns:cbc="${ubl}CommonBasicComponents-2" xmlns:ext="${ubl}CommonExtensionComponents-2" xmlns:efac="${eu}-aggregate-components/1" xmlns:efbc="${eu}-basic-components/1" xmlns:efext="${eu}s/1">
${extended(eforms.filter(Boolean).join('\n'))}
<cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:CustomizationID>eforms-sdk-${notice.sdk ?? '1.15'}</cbc:CustomizationID>
<cbc:ID schemeName="notice-id">${notice.id ?? noticeId(1)}</cbc:ID>${tag('cbc:ContractFolderID', procedureId ?? '')}
<cbc:IssueDate>${date}</cbc:IssueDate><cbc:IssueTime>${time}</cbc:IssueTime><cbc:VersionID>${notice.version ?? '01'}</cbc:VersionID>
${tag('cbc:PlannedDate', notice.planned ?? (/^[4-6]$/.test(subtype) ? '2027-02-01+01:00' : ''))}<cbc:RegulatoryDomain>${notice.regulation ?? '32014L0024'}</cbc:RegulatoryDomain>
${coded('cbc:NoticeTypeCode', form, type)}<cbc:NoticeLanguageCode>${language}</cbc:NoticeLanguageCode>
${(notice.buyers ?? [municipality])
  .map((buyer) => tag('cac:ContractingParty', tag('cac:ContractingPartyType', coded('cbc:PartyTypeCode', 'buyer-legal-type', 'la')) + ids('cac:Party', [register(buyer)])))
  .join('\n')}
${tag(
  'cac:TenderingTerms',
  (notice.terms ?? '') +
    tag(
      'cac:LotDistribution',
      Object.entries(notice.groups ?? {})
        .map(([group, members]) =>
          tag('cac:LotsGroup', tag('cbc:LotsGroupID', group) + members.map((lot) => tag('cac:ProcurementProjectLotReference', tag('cbc:ID', lot, ' schemeName="Lot"'))).join('')),
        )
        .join(''),
    ),
)}
${tag('cac:TenderingProcess', coded('cbc:ProcedureCode', 'procurement-procedure-type', plans ? undefined : (notice.procedure ?? 'open')) + (notice.process ?? ''))}
${buildProject({ title: notice.title ?? 'Rengøring af skoler', description: notice.description ?? 'Daglig rengøring af fem skoler', cpv: notice.cpv ?? '90910000', ...(notice.value ? { value: notice.value } : {}) }, notice.nature ?? 'services', language)}
${lots.map((lot, index) => buildLot(lot, index, notice, language)).join('\n')}
${notice.more ?? ''}</${root}>`;
}

function buildOrganisation({ name, cvr, country, size }: PartyToBuild, index: number): string {
  const id = `ORG-${String(index + 1).padStart(4, '0')}`;
  return tag(
    'efac:Organization',
    tag(
      'efac:Company',
      coded('efbc:CompanySizeCode', 'economic-operator-size', size) +
        tag('cac:PartyIdentification', tag('cbc:ID', id, ' schemeName="organization"')) +
        tag('cac:PartyName', words('cbc:Name', name)) +
        tag('cac:PostalAddress', tag('cac:Country', coded('cbc:IdentificationCode', 'country', country ?? 'DNK'))) +
        tag('cac:PartyLegalEntity', tag('cbc:CompanyID', cvr)),
    ),
  );
}

function buildProject(lot: LotToBuild, nature: string, language: string): string {
  const total = money('cbc:EstimatedOverallContractAmount', lot.value) + extended(money('efbc:FrameworkMaximumAmount', lot.maximum));
  const extension = tag('cbc:MaximumNumberNumeric', lot.maxRenewals);
  const address = (nuts: string): string =>
    tag(
      'cac:RealizedLocation',
      tag('cac:Address', tag('cbc:CityName', lot.city) + coded('cbc:CountrySubentityCode', 'nuts', nuts) + tag('cac:Country', coded('cbc:IdentificationCode', 'country', 'DNK'))),
    );
  return tag(
    'cac:ProcurementProject',
    words('cbc:Name', lot.title, language) +
      words('cbc:Description', lot.description, language) +
      coded('cbc:ProcurementTypeCode', 'contract-nature', nature) +
      (lot.suitableForSmall === undefined ? '' : tag('cbc:SMESuitableIndicator', String(lot.suitableForSmall))) +
      Object.entries(lot.marks ?? {})
        .flatMap(([list, codes]) => codes.map((code) => tag('cac:ProcurementAdditionalType', coded('cbc:ProcurementTypeCode', list, code))))
        .join('') +
      tag('cac:RequestedTenderTotal', total) +
      tag('cac:MainCommodityClassification', coded('cbc:ItemClassificationCode', 'cpv', lot.cpv)) +
      (lot.nuts ?? []).map(address).join('') +
      tag('cac:PlannedPeriod', tag('cbc:StartDate', lot.start) + tag('cbc:EndDate', lot.end) + tag('cbc:DurationMeasure', lot.months, ' unitCode="MONTH"')) +
      tag('cac:ContractExtension', extension) +
      (lot.project ?? ''),
  );
}

function buildLot(lot: LotToBuild, index: number, notice: NoticeToBuild, language: string): string {
  const scheme = lot.scheme ?? (/^([1-9]|E2)$/.test(notice.subtype ?? '16') ? 'Part' : 'Lot');
  const id = lot.id ?? `${{ Lot: 'LOT', LotsGroup: 'GLO', Part: 'PAR' }[scheme]}-${String(index + 1).padStart(4, '0')}`;
  const requirement = (list: string, code: string | undefined): string =>
    code === undefined ? '' : tag('cac:TendererQualificationRequest', tag('cac:SpecificTendererRequirement', coded('cbc:TendererRequirementTypeCode', list, code)));
  const criteria = (lot.criteria ?? []).map(({ type, name, weight, withheld }) => {
    const parameter =
      weight === undefined ? '' : tag('efac:AwardCriterionParameter', coded('efbc:ParameterCode', 'number-weight', 'per-exa') + tag('efbc:ParameterNumeric', weight));
    return tag(
      'cac:SubordinateAwardingCriterion',
      extended(parameter + marks(withheld)) + coded('cbc:AwardingCriterionTypeCode', 'award-criterion-type', type) + words('cbc:Name', name, language),
    );
  });
  const documents =
    lot.documentsUrl &&
    tag('cbc:ID', 'D1') + tag('cbc:DocumentType', 'non-restricted-document') + tag('cac:Attachment', tag('cac:ExternalReference', tag('cbc:URI', escaped(lot.documentsUrl))));
  const system = (list: string, code: string | undefined): string => (code === undefined ? '' : tag('cac:ContractingSystem', coded('cbc:ContractingSystemTypeCode', list, code)));
  const terms =
    tag('cac:CallForTendersDocumentReference', documents) +
    requirement('reserved-procurement', lot.reserved) +
    tag('cac:AwardingTerms', tag('cac:AwardingCriterion', criteria.join(''))) +
    tag('cac:TenderRecipientParty', tag('cbc:EndpointID', lot.submissionUrl && escaped(lot.submissionUrl))) +
    tag('cac:AppealTerms', lot.reviewBody && ids('cac:AppealReceiverParty', [lot.reviewBody])) +
    (lot.terms ?? '');
  const process =
    period('cac:TenderSubmissionDeadlinePeriod', lot.deadline) +
    period('cac:AdditionalInformationRequestPeriod', lot.questionDeadline) +
    period('cac:ParticipationRequestReceptionPeriod', lot.requestDeadline) +
    period('cac:OpenTenderEvent', lot.opening, 'Occurrence') +
    system('framework-agreement', lot.framework) +
    system('dps-usage', lot.dynamicSystem) +
    (lot.process ?? '');
  const project = { title: 'Rengøring', description: 'Rengøring af en skole', cpv: '90910000', ...lot };
  return tag(
    'cac:ProcurementProjectLot',
    `<cbc:ID schemeName="${scheme}">${id}</cbc:ID>${tag('cac:TenderingTerms', terms)}${tag('cac:TenderingProcess', process)}${buildProject(project, notice.nature ?? 'services', language)}`,
  );
}
