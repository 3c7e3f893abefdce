import type { ListName } from '../publication.ts';
import { agreementList } from './agreements.ts';
import type { OpenList } from './list.ts';
import { requirementList } from './requirements.ts';
import { supplierList } from './suppliers.ts';
import { tenderList } from './tenders.ts';

/** Every list that is given out as JSON, CSV and XLSX, by the name in its address. */
export const lists: Readonly<Record<ListName, OpenList>> = { agreements: agreementList, suppliers: supplierList, requirements: requirementList, tenders: tenderList };
