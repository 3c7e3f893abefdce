import type { AwardCriterion, Lot, Place, PreviousNotice, Purpose } from './lot.ts';
import type { Deadline, Text } from './notice.ts';
import { amountAt, codeAt, codesAt, dateAt, deadlineAt, durationAt, filled, flagAt, partiesAt, type Reading, textAt, valueAt, valuesAt } from './values.ts';
import { all, type Element, extension, first } from './xml.ts';

export function readPurpose(project: Element | undefined, reading: Reading): Purpose {
  const total = first(project, 'cac:RequestedTenderTotal');
  const nature = 'cac:ProcurementAdditionalType/cbc:ProcurementTypeCode';
  return filled<Purpose>({
    title: textAt(project, 'cbc:Name', reading),
    description: textAt(project, 'cbc:Description', reading),
    internalId: valueAt(project, 'cbc:ID'),
    nature: valueAt(project, 'cbc:ProcurementTypeCode'),
    otherNatures: codesAt(project, nature, 'contract-nature'),
    cpv: valueAt(project, 'cac:MainCommodityClassification/cbc:ItemClassificationCode'),
    otherCpv: valuesAt(project, 'cac:AdditionalCommodityClassification/cbc:ItemClassificationCode'),
    value: amountAt(total, 'cbc:EstimatedOverallContractAmount', 'BT-27', reading),
    maximum: amountAt(total, `${extension}/efbc:FrameworkMaximumAmount`, 'BT-271', reading),
    note: textAt(project, 'cbc:Note', reading),
    places: all(project, 'cac:RealizedLocation').map((place) => readPlace(first(place, 'cac:Address'), textAt(place, 'cbc:Description', reading))),
  });
}

export function readPlace(address: Element | undefined, note?: Text): Place {
  const street = [...valuesAt(address, 'cbc:StreetName'), ...valuesAt(address, 'cbc:AdditionalStreetName'), ...valuesAt(address, 'cac:AddressLine/cbc:Line')].join(', ');
  return filled<Place>({
    nuts: valueAt(address, 'cbc:CountrySubentityCode'),
    city: valueAt(address, 'cbc:CityName'),
    postcode: valueAt(address, 'cbc:PostalZone'),
    street: street || undefined,
    country: valueAt(address, 'cac:Country/cbc:IdentificationCode'),
    elsewhere: valueAt(address, 'cbc:Region'),
    note,
  });
}

export function readPreviousNotices(process: Element | undefined): PreviousNotice[] {
  return all(process, 'cac:NoticeDocumentReference').flatMap((reference) => {
    const id = first(reference, 'cbc:ID');
    return id?.text ? [filled<PreviousNotice>({ id: id.text, scheme: id.attributes.schemeName, part: valueAt(reference, 'cbc:ReferencedDocumentInternalAddress') })] : [];
  });
}

/** Lots, groups or parts: those whose identifier has that scheme. */
export function readLots(root: Element, scheme: 'Lot' | 'LotsGroup' | 'Part', list: 'lots' | 'groups' | 'parts', reading: Reading): Lot[] {
  const lots = all(root, 'cac:ProcurementProjectLot').filter((lot) => first(lot, 'cbc:ID')?.attributes.schemeName === scheme);
  return lots.map((lot, index) => readLot(lot, [list, index], reading));
}

function readLot(lot: Element, place: readonly (string | number)[], reading: Reading): Lot {
  reading.places.set(lot, place);
  const project = first(lot, 'cac:ProcurementProject');
  const terms = first(lot, 'cac:TenderingTerms');
  const process = first(lot, 'cac:TenderingProcess');
  const period = first(project, 'cac:PlannedPeriod');
  const purpose = readPurpose(project, reading);
  const framework = first(process, 'cac:FrameworkAgreement');
  const types = (list: string): string[] => codesAt(project, 'cac:ProcurementAdditionalType/cbc:ProcurementTypeCode', list);
  const typeNote = (list: string): Text | undefined =>
    textAt(allWith(project, 'cac:ProcurementAdditionalType', 'cbc:ProcurementTypeCode', list)[0], 'cbc:ProcurementType', reading);
  const requirements = 'cac:TendererQualificationRequest/cac:SpecificTendererRequirement/cbc:TendererRequirementTypeCode';
  const execution = (list: string): string | undefined => codeAt(terms, 'cac:ContractExecutionRequirement/cbc:ExecutionRequirementCode', list);
  const system = (list: string): string | undefined => codeAt(process, 'cac:ContractingSystem/cbc:ContractingSystemTypeCode', list);
  const deadline = (name: string, field: string): Deadline | undefined => deadlineAt(process, [`${name}/cbc:EndDate`, `${name}/cbc:EndTime`], field, reading);
  const documents = (type: string): string | undefined =>
    all(terms, 'cac:CallForTendersDocumentReference')
      .filter((each) => valueAt(each, 'cbc:DocumentType') === type)
      .map((each) => valueAt(each, 'cac:Attachment/cac:ExternalReference/cbc:URI'))
      .find((url) => url !== undefined);
  const quantity = all(project, 'cbc:EstimatedOverallContractQuantity')[0];
  return filled<Lot>({
    ...(purpose as Required<Purpose>),
    maximum: purpose.maximum ?? amountAt(framework, 'cbc:EstimatedMaximumValueAmount', 'BT-157', reading),
    id: valueAt(lot, 'cbc:ID') ?? '',
    quantity: quantity?.text ? { value: quantity.text, unit: quantity.attributes.unitCode ?? '' } : undefined,
    period: filled<Lot['period']>({
      start: dateAt(period, 'cbc:StartDate', 'BT-536', reading),
      end: dateAt(period, 'cbc:EndDate', 'BT-537', reading),
      duration: durationAt(period, 'cbc:DurationMeasure'),
      open: valueAt(period, 'cbc:DescriptionCode'),
      note: textAt(period, 'cbc:Description', reading),
    }),
    maxRenewals: valueAt(project, 'cac:ContractExtension/cbc:MaximumNumberNumeric'),
    renewals: textAt(project, 'cac:ContractExtension/cac:Renewal/cac:Period/cbc:Description', reading),
    options: textAt(project, 'cac:ContractExtension/cbc:OptionsDescription', reading),
    suitableForSmall: flagAt(project, 'cbc:SMESuitableIndicator'),
    strategic: types('strategic-procurement'),
    strategicNote: typeNote('strategic-procurement'),
    green: types('environmental-impact'),
    social: types('social-objective'),
    innovative: types('innovative-acquisition'),
    greenCriteria: types('gpp-criteria'),
    accessibility: types('accessibility')[0],
    accessibilityNote: typeNote('accessibility'),
    reserved: codesAt(terms, requirements, 'reserved-procurement'),
    reservedExecution: execution('reserved-execution'),
    framework: system('framework-agreement'),
    frameworkParticipants: valueAt(framework, 'cbc:MaximumOperatorQuantity'),
    frameworkDuration: textAt(framework, 'cbc:Justification', reading),
    frameworkBuyers: textAt(framework, 'cac:SubsequentProcessTenderRequirement/cbc:Description', reading),
    dynamicSystem: system('dps-usage'),
    auction: flagAt(process, 'cac:AuctionTerms/cbc:AuctionConstraintIndicator'),
    gpa: flagAt(process, 'cbc:GovernmentAgreementConstraintIndicator'),
    euFunds: codeAt(terms, 'cbc:FundingProgramCode', 'eu-funded'),
    variants: valueAt(terms, 'cbc:VariantConstraintCode'),
    electronicSubmission: codeAt(process, 'cbc:SubmissionMethodCode', 'esubmission'),
    electronicCatalogue: execution('ecatalog-submission'),
    electronicInvoice: execution('einvoicing'),
    recurring: flagAt(terms, 'cbc:RecurringProcurementIndicator'),
    recurringNote: textAt(terms, 'cbc:RecurringProcurementDescription', reading),
    tenderDeadline: deadline('cac:TenderSubmissionDeadlinePeriod', 'BT-131'),
    requestDeadline: deadline('cac:ParticipationRequestReceptionPeriod', 'BT-1311'),
    interestDeadline: deadline(`${extension}/efac:InterestExpressionReceptionPeriod`, 'BT-630'),
    questionDeadline: deadline('cac:AdditionalInformationRequestPeriod', 'BT-13'),
    opening: deadlineAt(process, ['cac:OpenTenderEvent/cbc:OccurrenceDate', 'cac:OpenTenderEvent/cbc:OccurrenceTime'], 'BT-132', reading),
    openingPlace: textAt(process, 'cac:OpenTenderEvent/cac:OccurenceLocation/cbc:Description', reading),
    invitations: dateAt(process, 'cac:InvitationSubmissionPeriod/cbc:StartDate', 'BT-130', reading),
    tenderValidity: durationAt(terms, 'cac:TenderValidityPeriod/cbc:DurationMeasure'),
    minCandidates: valueAt(process, 'cac:EconomicOperatorShortList/cbc:MinimumQuantity'),
    maxCandidates: valueAt(process, 'cac:EconomicOperatorShortList/cbc:MaximumQuantity'),
    documentsUrl: documents('non-restricted-document'),
    restrictedDocumentsUrl: documents('restricted-document'),
    documentLanguages: valuesAt(terms, `cac:CallForTendersDocumentReference/${extension}/efac:OfficialLanguages/cac:Language/cbc:ID`),
    submissionUrl: valueAt(terms, 'cac:TenderRecipientParty/cbc:EndpointID'),
    tenderLanguages: valuesAt(terms, 'cac:Language/cbc:ID'),
    awardCriteria: all(terms, criterionPath).map((criterion, index) => readCriterion(criterion, [...place, 'awardCriteria', index], reading)),
    awardMethod: textAt(terms, 'cac:AwardingTerms/cac:AwardingCriterion/cbc:CalculationExpression', reading),
    awardOrderReason: textAt(terms, 'cac:AwardingTerms/cac:AwardingCriterion/cbc:Description', reading),
    selectionCriteria: all(terms, `${extension}/efac:SelectionCriteria`).map((criterion) =>
      filled<Lot['selectionCriteria'][number]>({
        code: valueAt(criterion, 'cbc:TendererRequirementTypeCode') ?? valueAt(criterion, 'cbc:CriterionTypeCode'),
        text: textAt(criterion, 'cbc:Description', reading),
      }),
    ),
    selectionSource: codesAt(terms, requirements, 'selection-criteria-source'),
    conditions: textAt(allWith(terms, 'cac:ContractExecutionRequirement', 'cbc:ExecutionRequirementCode', 'conditions')[0], 'cbc:Description', reading),
    payment: textAt(terms, 'cac:PaymentTerms/cbc:Note', reading),
    reviewDeadline: textAt(terms, 'cac:AppealTerms/cac:PresentationPeriod/cbc:Description', reading),
    reviewBodies: partiesAt(terms, 'cac:AppealTerms/cac:AppealReceiverParty'),
    previousNotices: readPreviousNotices(process),
  });
}

/** The elements at a path that have a code of that list in them. */
export function allWith(from: Element | undefined, path: string, code: string, list: string): Element[] {
  return all(from, path).filter((each) => all(each, code).some(({ attributes }) => attributes.listName === list));
}

const criterionPath = 'cac:AwardingTerms/cac:AwardingCriterion/cac:SubordinateAwardingCriterion';

function readCriterion(criterion: Element, place: readonly (string | number)[], reading: Reading): AwardCriterion {
  reading.places.set(criterion, place);
  const numbers = all(criterion, `${extension}/efac:AwardCriterionParameter`).map((parameter, index) => {
    reading.places.set(parameter, [...place, 'numbers', index]);
    const list = all(parameter, 'efbc:ParameterCode').map(({ attributes }) => attributes.listName)[0];
    const kind = list === 'number-fixed' ? 'fixed' : list === 'number-threshold' ? 'threshold' : 'weight';
    return filled<AwardCriterion['numbers'][number]>({ kind, meaning: valueAt(parameter, 'efbc:ParameterCode'), value: valueAt(parameter, 'efbc:ParameterNumeric') });
  });
  return filled<AwardCriterion>({
    type: codeAt(criterion, 'cbc:AwardingCriterionTypeCode', 'award-criterion-type'),
    name: textAt(criterion, 'cbc:Name', reading),
    description: textAt(criterion, 'cbc:Description', reading),
    numbers,
  });
}
