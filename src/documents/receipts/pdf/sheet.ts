import type { Language } from '../../../i18n/language.ts';
import { receiptFonts, type Weight, writable } from './fonts.ts';

/** A document that is written from top to bottom, each part in the order and with the tags in which it is read aloud. */
interface Sheet {
  heading(level: 1 | 2, text: string): void;
  paragraph(text: string): void;
  /** Names and values, side by side. */
  facts(rows: readonly (readonly [name: string, value: string])[]): void;
  list(items: readonly { readonly name: string; readonly detail: string }[]): void;
  /** Ends the document with a line at the foot of each page. */
  finish(foot: (page: number, of: number) => string): Promise<Uint8Array<ArrayBuffer>>;
}

interface SheetOptions {
  readonly title: string;
  readonly owner: string;
  readonly lang: Language;
  /** Stands for the time at which the document was made, so that it is the same whenever it is made. */
  readonly at: Date;
  readonly attachment: { readonly name: string; readonly description: string; readonly bytes: Buffer };
}

/** Points, 72 to the inch; A4 is 595 by 842. */
const margin = { side: 56, top: 56, bottom: 64 } as const;
const width = 595.28 - 2 * margin.side;
const bottom = 841.89 - margin.bottom;
const nameWidth = 130;
const ink = '#1a2423';
const soft = '#4c5957';

interface Look {
  readonly size: number;
  readonly weight: Weight;
  readonly colour?: string;
}
const title1: Look = { size: 20, weight: 'bold' };
const title2: Look = { size: 13, weight: 'bold' };
const plain: Look = { size: 10, weight: 'regular' };
const strong: Look = { size: 10, weight: 'bold' };
const faint: Look = { size: 10, weight: 'regular', colour: soft };
const fine: Look = { size: 8.5, weight: 'regular', colour: soft };

export async function startSheet({ title, owner, lang, at, attachment }: SheetOptions): Promise<Sheet> {
  // Loaded when the first receipt is printed: most processes never do.
  const { default: PDFDocument } = await import('pdfkit');
  const doc = new PDFDocument({
    size: 'A4',
    margins: { left: margin.side, right: margin.side, top: margin.top, bottom: 0 },
    pdfVersion: '1.7',
    subset: 'PDF/A-3b',
    tagged: true,
    displayTitle: true,
    lang: lang === 'da' ? 'da-DK' : 'en-GB',
    compress: false,
    bufferPages: true,
    info: { Title: title, CreationDate: at, ModDate: at, Producer: 'PDFKit', Creator: 'PDFKit' },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) =>
    doc
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', resolve)
      .on('error', reject),
  );
  const fonts = receiptFonts();
  // pdfkit takes an opened typeface as well; its types do not know.
  for (const weight of ['regular', 'bold'] as const) doc.registerFont(weight, fonts[weight] as unknown as Uint8Array);
  doc.appendXML(accessible);
  doc.file(attachment.bytes, {
    name: attachment.name,
    description: attachment.description,
    type: 'application/json',
    creationDate: at,
    modifiedDate: at,
    relationship: 'Source',
  } as PDFKit.Mixins.PDFAttachmentOptions);

  const root = doc.struct('Document', { lang: lang === 'da' ? 'da-DK' : 'en-GB' });
  doc.addStructure(root);
  let y: number = margin.top;

  const style = ({ size, weight, colour = ink }: Look) => doc.font(weight).fontSize(size).fillColor(colour);
  const heightOf = (text: string, look: Look, across = width): number => style(look).heightOfString(text, { width: across });
  /** Something that is drawn with a tag, where the page stands now. */
  const part = (tag: string, draw: () => void) => doc.struct(tag, {}, [draw]);
  const write = (text: string, look: Look, x: number = margin.side, top = y, across = width): void => void style(look).text(text, x, top, { width: across });
  /** Goes on to a new page unless so much fits on this one. */
  const need = (height: number): void => {
    if (y + height <= bottom) return;
    doc.addPage();
    y = margin.top;
  };
  const rows = <Row>(all: readonly Row[], draw: (row: Row) => { readonly height: number; readonly parts: readonly (readonly [tag: string, draw: () => void])[] }): void => {
    const list = doc.struct('L');
    root.add(list);
    for (const row of all) {
      const { height, parts } = draw(row);
      need(height + 8);
      const item = doc.struct('LI');
      list.add(item);
      for (const [tag, drawn] of parts) item.add(part(tag, drawn));
      item.end();
      ruleAt(y + height + 3);
      y += height + 8;
    }
    list.end();
  };

  root.add(part('P', () => write(writable(owner), faint)));
  y += 24;

  return {
    heading(level, text) {
      const look = level === 1 ? title1 : title2;
      const height = heightOf(text, look);
      if (level === 2) y += 14;
      // A heading never stands alone at the foot of a page.
      need(height + 60);
      root.add(part(`H${level}`, () => write(text, look)));
      y += height + 6;
    },
    paragraph(text) {
      const shown = writable(text);
      const height = heightOf(shown, plain);
      need(height);
      root.add(part('P', () => write(shown, plain)));
      y += height + 8;
    },
    facts(all) {
      const [x, across] = [margin.side + nameWidth, width - nameWidth];
      rows(all, ([name, value]) => {
        const shown = writable(value);
        return {
          height: Math.max(heightOf(name, strong, nameWidth - 12), heightOf(shown, plain, across)),
          parts: [
            ['Lbl', () => write(name, strong, margin.side, y, nameWidth - 12)],
            ['LBody', () => write(shown, plain, x, y, across)],
          ],
        };
      });
    },
    list(items) {
      rows(items, ({ name, detail }) => {
        const shown = writable(name);
        const above = heightOf(shown, plain);
        const draw = (): void => {
          write(shown, plain);
          write(detail, fine, margin.side, y + above);
        };
        return { height: above + heightOf(detail, fine), parts: [['LBody', draw]] };
      });
    },
    async finish(foot) {
      root.end();
      const { count } = doc.bufferedPageRange();
      for (let page = 0; page < count; page += 1) {
        doc.switchToPage(page);
        doc.markContent('Artifact', { type: 'Pagination' });
        style(fine).text(foot(page + 1, count), margin.side, bottom + 24, { width, lineBreak: false });
        doc.endMarkedContent();
      }
      doc.end();
      await ended;
      return new Uint8Array(Buffer.concat(chunks));
    },
  };

  /** A line between rows: seen, not read. */
  function ruleAt(top: number): void {
    doc.markContent('Artifact', { type: 'Layout' });
    doc
      .moveTo(margin.side, top)
      .lineTo(margin.side + width, top)
      .lineWidth(0.5)
      .strokeColor('#dcd8cc')
      .stroke();
    doc.endMarkedContent();
  }
}

/** Says that the document keeps to PDF/UA-1, and, as PDF/A asks, what that means. */
const accessible = `
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the document keeps to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
`;
