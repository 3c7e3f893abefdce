import { announce } from '../alerts/announce.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Tx } from '../platform/db.ts';
import { closesAt, type TenderContent } from './content.ts';
import type { TenderNews } from './publish.ts';

/** Tells those who follow tenders what was published, in the same transaction. */
export function tellFollowers(tx: Tx, { content, version, reason, changes, category }: TenderNews): Promise<void> {
  // A version that changes nothing that can be read is no news.
  if (reason === 'changed' && changes.length === 0) return Promise.resolve();
  return announce(tx, { ...newsOf(content, category), version, reason, changes });
}

/** Tells them that time is running out; the same deadline is told once. */
export function tellClosingSoon(tx: Tx, content: TenderContent, category: string | null, version: number): Promise<void> {
  return announce(tx, { ...newsOf(content, category), version, reason: 'closing-soon', changes: [] });
}

/** Tells them that a question has been answered; its number stands for the version. */
export function tellAnswered(tx: Tx, content: TenderContent, category: string | null, number: number): Promise<void> {
  return announce(tx, { ...newsOf(content, category), version: number, reason: 'answered', changes: [] });
}

function newsOf(content: TenderContent, category: string | null) {
  return {
    kind: 'tender' as const,
    subject: content.id,
    title: { da: content.title.da, en: content.title.en || content.title.da },
    path: { da: pathTo('tender', 'da', { id: content.id }), en: pathTo('tender', 'en', { id: content.id }) },
    summary: { da: content.summary.da, en: content.summary.en || content.summary.da },
    categories: category === null ? [] : [category],
    text: [...content.lots.flatMap(({ title, summary }) => [title.da, title.en, summary.da, summary.en]), content.cpvMain, ...content.cpv].join(' '),
    deadlineAt: closesAt(content),
  };
}
