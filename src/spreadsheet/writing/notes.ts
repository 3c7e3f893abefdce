import { escaped } from '../cell-text.ts';
import { columnName } from './cells.ts';

/** A note on a cell, which spreadsheets call a comment. */
export interface Note {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 0. */
  readonly column: number;
  readonly text: string;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export function notesXml(notes: readonly Note[], author: string): string {
  const each = notes.map(
    ({ line, column, text }) => `<comment ref="${columnName(column)}${line}" authorId="0"><text><t xml:space="preserve">${escaped(text.slice(0, 1_000))}</t></text></comment>`,
  );
  return `${declaration}<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>${escaped(author)}</author></authors><commentList>${each.join('')}</commentList></comments>`;
}

/** The boxes in which notes appear: Excel shows none without this old format, in a place that it finds itself. */
export function shapesXml(notes: readonly Note[]): string {
  const each = notes.map(
    ({ line, column }, index) =>
      `<v:shape id="_x0000_s${1_025 + index}" type="#_x0000_t202" style="position:absolute;width:220pt;height:80pt;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:textbox/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${column + 1}, 15, ${line}, 2, ${column + 4}, 15, ${line + 5}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>${line - 1}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`,
  );
  return `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>${each.join('')}</xml>`;
}
