import { fieldNames, type NoticeFault } from './messages.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { organisationOf } from './organisations.ts';
import { all, type Element, extension, first, pathOf } from './xml.ts';

interface Subtype {
  readonly kind: NoticeKind;
  readonly formType: string;
  readonly root: string;
}

const [planning, call, award] = ['PriorInformationNotice', 'ContractNotice', 'ContractAwardNotice'] as const;
const families: readonly (readonly [codes: string, kind: NoticeKind, formType: string, root: string])[] = [
  ['1 2 3 4 5 6 7 8 9 E2 T01', 'planning', 'planning', planning],
  ['E1', 'consultation', 'consultation', planning],
  ['10 11 12 13 14 CEI', 'competition', 'competition', planning],
  ['15 16 17 18 19 20 21 22 23 24 E3', 'competition', 'competition', call],
  ['25 26 27 28', 'direct-award', 'dir-awa-pre', award],
  ['29 30 31 32 33 34 35 36 37 E4 T02', 'result', 'result', award],
  ['38 39 40 E6', 'modification', 'cont-modif', award],
  ['E5', 'completion', 'completion', award],
  ['X01 X02', 'registration', 'bri', 'BusinessRegistrationInformationNotice'],
];

/** OPP-070: what each subtype is, and which root element it has. */
export const subtypes: ReadonlyMap<string, Subtype> = new Map(
  families.flatMap(([codes, kind, formType, root]) => codes.split(' ').map((code) => [code, { kind, formType, root }] as const)),
);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const sdkPath = 'cbc:CustomizationID';

/**
 * What a notice of its subtype must have, and what cannot be right. The official rules ask for far more; these are the ones without which
 * nothing sensible can be shown, and each is among the official ones, so that a valid notice has no fault here.
 */
export function checkNotice(root: Element, notice: Omit<Notice, 'withheld'>): NoticeFault[] {
  const faults: NoticeFault[] = [];
  const add = (code: NoticeFault['code'], field: string, path: string, from: Element = root, found?: string): void => {
    const names = path.split('/');
    let element = from;
    let depth = 0;
    for (const name of names) {
      const next = first(element, name);
      if (!next) break;
      element = next;
      depth += 1;
    }
    const where = [pathOf(element), ...names.slice(depth)].filter(Boolean).join('/');
    const name = fieldNames[field];
    faults.push({ code, field, path: where, line: element.line, ...(name ? { name } : {}), ...(found === undefined ? {} : { found: found.slice(0, 80) }) });
  };
  const need = (value: unknown, field: string, path: string, from?: Element): void => {
    if (value === undefined || value === '') add('missing', field, path, from);
  };
  checkType(notice, add, need);

  need(notice.id, 'BT-701', 'cbc:ID');
  if (notice.id && !uuid.test(notice.id)) add('format-wrong', 'BT-701', 'cbc:ID', root, notice.id);
  need(notice.version, 'BT-757', 'cbc:VersionID');
  if (notice.version && !/^\d{1,4}$/.test(notice.version)) add('format-wrong', 'BT-757', 'cbc:VersionID', root, notice.version);
  need(first(root, 'cbc:NoticeLanguageCode')?.text, 'BT-702', 'cbc:NoticeLanguageCode');
  need(first(root, 'cbc:IssueDate')?.text, 'BT-05', 'cbc:IssueDate');
  need(first(root, 'cbc:IssueTime')?.text, 'BT-05', 'cbc:IssueTime');
  need(notice.legalBasis.regulation, 'BT-01', 'cbc:RegulatoryDomain');
  const subtype = Number(notice.subtype);
  if (subtype >= 10 || /^E[3-6]$/.test(notice.subtype)) need(notice.procedureId, 'BT-04', 'cbc:ContractFolderID');
  if (subtype >= 4 && subtype <= 6) need(first(root, 'cbc:PlannedDate')?.text, 'BT-127', 'cbc:PlannedDate');
  if (notice.change) need(notice.change.notice, 'BT-758', `${extension}/efac:Changes/efbc:ChangedNoticeIdentifier`);

  const { procedure } = notice;
  need(procedure.title, 'BT-21', 'cac:ProcurementProject/cbc:Name');
  if (!notice.subtype.startsWith('T')) need(procedure.description, 'BT-24', 'cac:ProcurementProject/cbc:Description');
  if (subtype <= 22 || (subtype >= 25 && subtype <= 35) || /^E[1-5]$/.test(notice.subtype)) need(procedure.nature, 'BT-23', 'cac:ProcurementProject/cbc:ProcurementTypeCode');
  const cpvPath = 'cac:ProcurementProject/cac:MainCommodityClassification/cbc:ItemClassificationCode';
  need(procedure.cpv, 'BT-262', cpvPath);
  if (procedure.cpv && !/^\d{8}$/.test(procedure.cpv)) add('format-wrong', 'BT-262', cpvPath, root, procedure.cpv);

  const buyerPath = 'cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID';
  if (notice.buyers.length === 0) add('missing', 'OPT-300', buyerPath);
  for (const { ref } of notice.buyers) {
    const buyer = organisationOf(notice.organisations, ref);
    if (!buyer) add('reference-unknown', 'OPT-300', buyerPath, root, ref);
    else if (!buyer.name) add('missing', 'BT-500', `${extension}/efac:Organizations/efac:Organization/efac:Company/cac:PartyName/cbc:Name`);
  }
  checkLots(root, notice, add);
  checkResult(root, notice, add);
  return faults;
}

type Add = (code: NoticeFault['code'], field: string, path: string, from?: Element, found?: string) => void;

function checkType(notice: Omit<Notice, 'withheld'>, add: Add, need: (value: unknown, field: string, path: string) => void): void {
  const path = `${extension}/efac:NoticeSubType/cbc:SubTypeCode`;
  const subtype = subtypes.get(notice.subtype);
  need(notice.subtype, 'OPP-070', path);
  if (notice.subtype && !subtype) add('subtype-unknown', 'OPP-070', path, undefined, notice.subtype);
  if (subtype && subtype.root !== notice.root) add('type-conflict', 'OPP-070', path, undefined, `${notice.subtype}, ${notice.root}`);
  need(notice.noticeType, 'BT-02', 'cbc:NoticeTypeCode');
  need(notice.formType, 'BT-03', 'cbc:NoticeTypeCode');
  if (subtype && notice.formType && subtype.formType !== notice.formType) add('type-conflict', 'BT-03', 'cbc:NoticeTypeCode', undefined, `${notice.subtype}, ${notice.formType}`);
  need(notice.sdk, 'OPT-002', sdkPath);
  const [major = 0, minor = 0] = notice.sdk.split('.').map(Number);
  if (notice.sdk && major === 1 && minor < 10) add('sdk-too-old', 'OPT-002', sdkPath, undefined, notice.sdk);
}

function checkLots(root: Element, notice: Omit<Notice, 'withheld'>, add: Add): void {
  const elements = all(root, 'cac:ProcurementProjectLot');
  if (notice.lots.length === 0 && !['planning', 'consultation'].includes(notice.kind)) add('missing', 'BT-137', 'cac:ProcurementProjectLot/cbc:ID');
  const seen = new Set<string>();
  for (const element of elements) {
    const id = first(element, 'cbc:ID')?.text ?? '';
    if (!id) add('missing', 'BT-137', 'cbc:ID', element);
    else if (seen.has(id)) add('twice', 'BT-137', 'cbc:ID', element, id);
    seen.add(id);
  }
  // Who changes a notice, or calls it off, may do so after the deadline.
  if (notice.change || !notice.dispatched.at) return;
  for (const { id, tenderDeadline } of notice.lots) {
    if (!tenderDeadline || tenderDeadline.at >= notice.dispatched.at) continue;
    const lot = elements.find((element) => first(element, 'cbc:ID')?.text === id);
    add('deadline-before-dispatch', 'BT-131', 'cac:TenderingProcess/cac:TenderSubmissionDeadlinePeriod/cbc:EndDate', lot, tenderDeadline.date);
  }
}

function checkResult(root: Element, notice: Omit<Notice, 'withheld'>, add: Add): void {
  const { result } = notice;
  const base = `${extension}/efac:NoticeResult`;
  const subtype = Number(notice.subtype);
  if (subtype >= 29 && subtype <= 37 && !result?.lotResults.length) add('missing', 'BT-142', `${base}/efac:LotResult/cbc:TenderResultCode`);
  if (!result) return;
  if (subtype >= 29 && subtype <= 35) {
    for (const [index, element] of all(root, `${base}/efac:LotResult`).entries())
      if (!result.lotResults[index]?.winnerChosen) add('missing', 'BT-142', 'cbc:TenderResultCode', element);
  }
  const lots = new Set([...notice.lots, ...notice.groups, ...notice.procedure.groups].map(({ id }) => id));
  const [tenders, parties, contracts] = [result.tenders, result.parties, result.contracts].map((list) => new Set(list.map(({ id }) => id)));
  const known = (ids: ReadonlySet<string> | undefined, ref: string | undefined, field: string, path: string): void => {
    if (ref !== undefined && !ids?.has(ref)) add('reference-unknown', field, path, root, ref);
  };
  for (const each of result.lotResults) {
    known(lots, each.lot, 'BT-13713', `${base}/efac:LotResult/efac:TenderLot/cbc:ID`);
    for (const ref of each.tenders) known(tenders, ref, 'OPT-320', `${base}/efac:LotResult/efac:LotTender/cbc:ID`);
    for (const ref of each.contracts) known(contracts, ref, 'OPT-315', `${base}/efac:LotResult/efac:SettledContract/cbc:ID`);
  }
  for (const each of result.tenders) {
    known(lots, each.lot, 'BT-13714', `${base}/efac:LotTender/efac:TenderLot/cbc:ID`);
    known(parties, each.party, 'OPT-310', `${base}/efac:LotTender/efac:TenderingParty/cbc:ID`);
  }
  for (const ref of result.contracts.flatMap((each) => each.tenders)) known(tenders, ref, 'BT-3202', `${base}/efac:SettledContract/efac:LotTender/cbc:ID`);
  for (const { ref } of result.parties.flatMap((each) => each.members)) {
    if (!organisationOf(notice.organisations, ref)) add('reference-unknown', 'OPT-300', `${base}/efac:TenderingParty/efac:Tenderer/cbc:ID`, root, ref);
  }
}
