import { SaxesParser } from 'saxes';

/** One element of an answer: its text, and the elements directly in it. */
export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

/** Reads an answer of the store. Throws when it is not well-formed: an answer that was cut off is none. */
export function readXml(text: string): Element {
  const parser = new SaxesParser();
  const root = { name: '', text: '', children: [] as Element[] };
  const open = [root];
  parser.on('error', (cause) => {
    throw new Error('S3: the answer cannot be read', { cause });
  });
  parser.on('opentag', ({ name }) => {
    const element = { name, text: '', children: [] as Element[] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (part) => {
    const inside = open.at(-1);
    if (inside) inside.text += part;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  const [found] = root.children;
  if (!found) throw new Error('S3: the answer is empty');
  return found;
}

export const childrenOf = (element: Element, name: string): Element[] => element.children.filter((child) => child.name === name);

/** The text of the first child of that name; empty when there is none. */
export const textOf = (element: Element, name: string): string => childrenOf(element, name)[0]?.text ?? '';
