import { listContext } from '../../../opendata/context.ts';
import { readListQuery } from '../../../opendata/lists/list.ts';
import { lists } from '../../../opendata/lists/lists.ts';
import { formats, type ListName, licence, listPath, mediaTypes } from '../../../opendata/publication.ts';
import { csvStream, xlsxStream } from '../../../spreadsheet/write.ts';
import { fileStream, json, machine, problem } from '../../../web/machine.ts';

/** The open lists: a page as JSON, or the whole as a table. */
export const ALL = machine(async (context) => {
  const { app, frame } = context.locals;
  const name = context.params['list'] as ListName;
  const format = formats.find((each) => each === context.params['format']);
  if (!Object.hasOwn(lists, name) || !format) return problem(context, 'not-found');
  const list = lists[name];
  const source = listContext(app);

  if (format !== 'json') {
    const rows = list.rows(source);
    const table = format === 'csv' ? csvStream(list.head, rows) : xlsxStream(list.head, rows, { sheet: list.sheet });
    return fileStream(table, format === 'csv' ? 'text/csv; charset=utf-8' : mediaTypes.xlsx, `${list.sheet.toLowerCase()}-${source.today}.${format}`);
  }
  const { query, faults } = readListQuery(name, context.url.searchParams);
  if (faults.length > 0) return problem(context, 'bad-parameter', faults);
  const { items, next } = await list.page(source, query);
  const moment = source.now.toISOString();
  const link = next && new URL(`${listPath(name, 'json')}?limit=${query.limit}&cursor=${next}`, app.config.siteUrl).href;
  const body = { items, next, licence: `${licence.name} ${licence.url}`, source: `${frame.owner.name.da}, ${app.config.siteUrl.origin}`, example: frame.demo, generatedAt: moment };
  return json(context, body, { moment, headers: link ? { link: `<${link}>; rel="next"` } : {} });
});
