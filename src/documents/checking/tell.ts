import { sql } from 'kysely';
import { formatList } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { Tx } from '../../platform/db.ts';
import { queueMail } from '../../platform/mail/queue.ts';
import { reasonText } from '../checks/messages.ts';
import type { Verdict } from '../stored.ts';
import type { Content, Sender } from './context.ts';

interface Bringer {
  readonly account_id: string;
  readonly email: string;
  readonly language: Language;
  readonly name: string;
  readonly obligation_id: string | null;
  readonly is_filed: boolean;
}

/** Those who brought these bytes and still have access, each with the latest place where they put them. */
async function bringersOf(tx: Tx, { sha256, kind }: Content): Promise<readonly Bringer[]> {
  const { rows } = await sql<Bringer>`
    select distinct on (a.id) a.id as account_id, a.email, a.language, f.name, f.obligation_id, f.is_filed
    from (
      select stored_by, name, obligation_id, submission_id is not null as is_filed, stored_at from document where sha256 = ${sha256} and kind = ${kind}
      union all
      select stored_by, name, null, false, stored_at from evidence_version where sha256 = ${sha256} and kind = ${kind}
    ) f
    join account a on a.id = f.stored_by
    where a.disabled_at is null
    order by a.id, f.stored_at desc`.execute(tx);
  return rows;
}

/** Tells each person who brought the file what became of it, once per person and outcome. 'clean' and 'unscanned' are told when a person let it through. */
export async function tellBringers(tx: Tx, sender: Sender, content: Content, verdict: Verdict, reason: string | null): Promise<void> {
  for (const bringer of await bringersOf(tx, content)) {
    const { subject, text } = written(sender, bringer, verdict, reason);
    await queueMail(tx, { reason: `file-${verdict}:${content.sha256}:${content.kind}:${bringer.account_id}`, to: bringer.email, subject, text });
  }
}

function written(
  { municipality, siteUrl }: Sender,
  { name, obligation_id, is_filed, language: lang }: Bringer,
  verdict: Verdict,
  reason: string | null,
): { subject: string; text: string } {
  const link = new URL(obligation_id ? pathTo('task', lang, { id: obligation_id }) : pathTo('tasks', lang), siteUrl).href;
  const why = reasonText(lang, reason);
  const da = lang === 'da';
  const filed = da
    ? 'Du har allerede indsendt opgaven. Kommunen kan se, at filen er afvist, og sender opgaven tilbage til dig, hvis der skal bruges en ny fil.\n\n'
    : 'You have already filed the task. The municipality can see that the file is refused, and returns the task to you if a new file is needed.\n\n';
  const closing = da ? `Venlig hilsen\n${municipality.name.da}\n` : `Kind regards\n${municipality.name.en}\n`;
  const see = da ? `Se opgaven: ${link}` : `See the task: ${link}`;
  if (verdict === 'refused')
    return {
      subject: da ? `Filen »${name}« kan ikke bruges` : `The file “${name}” cannot be used`,
      text: `${da ? `Vi har kontrolleret filen »${name}«, som du har sendt. Den kan ikke bruges, og ingen kan åbne den.` : `We have checked the file “${name}” that you sent. It cannot be used, and nobody can open it.`}\n\n${why}\n\n${is_filed ? filed : ''}${see}\n\n${closing}`,
    };
  if (verdict === 'held')
    return {
      subject: da ? `En medarbejder ser på filen »${name}«` : `A member of staff looks at the file “${name}”`,
      text: `${da ? `Vi kan ikke selv kontrollere filen »${name}«, som du har sendt. Den er gemt, men ingen kan åbne den endnu.` : `We cannot check the file “${name}” that you sent by ourselves. It is kept, but nobody can open it yet.`}\n\n${why}\n\n${see}\n\n${closing}`,
    };
  return {
    subject: da ? `Filen »${name}« kan bruges` : `The file “${name}” can be used`,
    text: `${da ? `En medarbejder har set på filen »${name}«, som du har sendt. Den kan bruges. Du skal ikke gøre mere.` : `A member of staff has looked at the file “${name}” that you sent. It can be used. You need do nothing more.`}\n\n${see}\n\n${closing}`,
  };
}

/** Tells the municipality's own mailbox that a file which could be opened turned out to be bad, and who has fetched it. */
export async function tellStaffOfMalware(tx: Tx, { municipality, siteUrl }: Sender, { sha256, kind }: Content, signature: string): Promise<void> {
  const documents = await tx
    .selectFrom('document as d')
    .innerJoin('supplier as s', 's.id', 'd.supplier_id')
    .select(['d.id', 'd.name', 's.name as supplier'])
    .where('d.sha256', '=', sha256)
    .where('d.kind', '=', kind)
    .where('d.submission_id', 'is not', null)
    .orderBy('d.stored_at')
    .execute();
  if (documents.length === 0) return;
  const readers = await tx
    .selectFrom('document_read')
    .select('account_name')
    .distinct()
    .where(
      'document_id',
      'in',
      documents.map(({ id }) => id),
    )
    .where('what', '=', 'download')
    .orderBy('account_name')
    .execute();
  const names = readers.map(({ account_name }) => account_name);
  await queueMail(tx, {
    reason: `file-malware:${sha256}:${kind}`,
    to: municipality.email,
    subject: 'En modtaget fil viser sig at indeholde virus',
    text: `Virusscanneren kender nu virus i en fil, som den før fandt i orden. Ingen kan åbne filen mere.\n\n${documents.map(({ name, supplier }) => `- ${name} fra ${supplier}`).join('\n')}\n\nDet, scanneren fandt: ${signature}\n\n${names.length > 0 ? `Filen er hentet af ${formatList(names, 'da')}. Få deres computere undersøgt nu.` : 'Ingen medarbejder har hentet filen.'}\n\nLeverandøren har fået besked. Sagerne: ${new URL(pathTo('queue', 'da'), siteUrl).href}\n`,
  });
}
