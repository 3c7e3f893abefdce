import type { Buyer, Contact, Organisation, Role } from './notice.ts';
import { readPlace } from './read-lots.ts';
import { codeAt, filled, flagAt, partiesAt, type Reading, textAt, valueAt, valuesAt } from './values.ts';
import { all, type Element, extension, first } from './xml.ts';

export function readBuyers(root: Element): Buyer[] {
  return all(root, 'cac:ContractingParty').flatMap((party) =>
    partiesAt(party, 'cac:Party').map((ref) =>
      filled<Buyer>({
        ref,
        legalType: codeAt(party, 'cac:ContractingPartyType/cbc:PartyTypeCode', 'buyer-legal-type'),
        activity:
          codeAt(party, 'cac:ContractingActivity/cbc:ActivityTypeCode', 'authority-activity') ?? codeAt(party, 'cac:ContractingActivity/cbc:ActivityTypeCode', 'entity-activity'),
        contractingType: codeAt(party, 'cac:ContractingPartyType/cbc:PartyTypeCode', 'buyer-contracting-type'),
        profileUrl: valueAt(party, 'cbc:BuyerProfileURI'),
      }),
    ),
  );
}

export function readOrganisations(root: Element, reading: Reading): Organisation[] {
  const roles = readRoles(root);
  return all(root, `${extension}/efac:Organizations/efac:Organization`).map((organisation) => {
    const company = first(organisation, 'efac:Company');
    const contact = readContact(company, reading);
    const companyIds = valuesAt(company, 'cac:PartyLegalEntity/cbc:CompanyID');
    const contactPoints = all(organisation, 'efac:TouchPoint').map((point) => ({ id: idOf(point), ...readContact(point, reading) }));
    const id = idOf(company);
    return filled<Organisation>({
      ...(contact as Required<Contact>),
      id,
      companyId: companyIds[0],
      cvr: companyIds.map((each) => cvrOf(each, contact.address.country)).find((each) => each !== undefined),
      size: valueAt(company, 'efbc:CompanySizeCode'),
      naturalPerson: flagAt(organisation, 'efbc:NaturalPersonIndicator'),
      contactPoints,
      roles: [...new Set([...[id, ...contactPoints.map((point) => point.id)].flatMap((each) => [...(roles.get(each) ?? [])]), ...flaggedRoles(organisation)])],
    });
  });
}

/** Eight digits of "DK 12 34 56 78" or "CVR-nr. 12345678"; without such a word only for an organisation in Denmark. */
export function cvrOf(written: string, country: string | undefined): string | undefined {
  const parts = /^(DK|CVR)?[\s.:-]*(?:nr|no|nummer)?[\s.:-]*(\d[\d\s.-]*)$/i.exec(written.replace(/^DK[\s-]*CVR/i, 'CVR'));
  const digits = parts?.[2]?.replace(/\D/g, '') ?? '';
  return digits.length === 8 && (parts?.[1] || country === 'DNK') ? digits : undefined;
}

const idOf = (party: Element | undefined): string => valueAt(party, 'cac:PartyIdentification/cbc:ID') ?? '';

function readContact(party: Element | undefined, reading: Reading): Contact {
  return filled<Contact>({
    name: textAt(party, 'cac:PartyName/cbc:Name', reading),
    department: valueAt(party, 'cac:PostalAddress/cbc:Department'),
    contactPoint: valueAt(party, 'cac:Contact/cbc:Name'),
    address: readPlace(first(party, 'cac:PostalAddress')),
    email: valueAt(party, 'cac:Contact/cbc:ElectronicMail'),
    telephone: valueAt(party, 'cac:Contact/cbc:Telephone'),
    website: valueAt(party, 'cbc:WebsiteURI'),
  });
}

const lotTerms = 'cac:ProcurementProjectLot/cac:TenderingTerms';
const result = `${extension}/efac:NoticeResult`;

/** OPT-300 and OPT-301: where each role's organisations are named. The first ends at the party, the others at the identifier. */
const rolePaths: readonly (readonly [Role, string])[] = [
  ['buyer', 'cac:ContractingParty/cac:Party'],
  ['service-provider', 'cac:ContractingParty/cac:Party/cac:ServiceProviderParty/cac:Party'],
  ['signatory', `${result}/efac:SettledContract/cac:SignatoryParty`],
  ['financing', `${result}/efac:LotResult/cac:FinancingParty`],
  ['paying', `${result}/efac:LotResult/cac:PayerParty`],
  ['review', `${lotTerms}/cac:AppealTerms/cac:AppealReceiverParty`],
  ['review-information', `${lotTerms}/cac:AppealTerms/cac:AppealInformationParty`],
  ['mediation', `${lotTerms}/cac:AppealTerms/cac:MediationParty`],
  ['documents', `${lotTerms}/cac:DocumentProviderParty`],
  ['information', `${lotTerms}/cac:AdditionalInformationParty`],
  ['receives-tenders', `${lotTerms}/cac:TenderRecipientParty`],
  ['evaluates-tenders', `${lotTerms}/cac:TenderEvaluationParty`],
  ...['Fiscal', 'Environmental', 'Employment'].map((kind) => ['legislation', `${lotTerms}/cac:${kind}LegislationDocumentReference/cac:IssuerParty`] as const),
];

function readRoles(root: Element): ReadonlyMap<string, ReadonlySet<Role>> {
  const roles = new Map<string, Set<Role>>();
  const add = (role: Role, ids: readonly string[]): void => {
    for (const id of ids) roles.set(id, (roles.get(id) ?? new Set()).add(role));
  };
  for (const [role, path] of rolePaths) add(role, partiesAt(root, path));
  const parties = all(root, `${result}/efac:TenderingParty`);
  const tenderers = parties.flatMap((party) => all(party, 'efac:Tenderer'));
  add(
    'tenderer',
    tenderers.flatMap((tenderer) => valuesAt(tenderer, 'cbc:ID')),
  );
  add(
    'leader',
    tenderers.filter((tenderer) => flagAt(tenderer, 'efbc:GroupLeadIndicator')).flatMap((tenderer) => valuesAt(tenderer, 'cbc:ID')),
  );
  add(
    'subcontractor',
    parties.flatMap((party) => valuesAt(party, 'efac:SubContractor/cbc:ID')),
  );
  return roles;
}

/** OPP-050, OPP-051, OPP-052 */
function flaggedRoles(organisation: Element): Role[] {
  const purchasing = ['efbc:AwardingCPBIndicator', 'efbc:AcquiringCPBIndicator'].some((name) => flagAt(organisation, name));
  return [...(flagAt(organisation, 'efbc:GroupLeadIndicator') ? (['lead-buyer'] as const) : []), ...(purchasing ? (['central-purchasing'] as const) : [])];
}

/** The organisation that an identifier refers to, directly or through one of its contact points. */
export function organisationOf(organisations: readonly Organisation[], ref: string): Organisation | undefined {
  return organisations.find((each) => each.id === ref || each.contactPoints.some((point) => point.id === ref));
}
