import { attribute, type XmlHandlers } from '../../../platform/reading/xml.ts';
import { Unfit } from '../finding.ts';
import type { TextReader } from '../words/reader.ts';

/** The list of what each part is: none may be a program. */
export const contentTypes: XmlHandlers = {
  open(_name, attributes) {
    const type = attribute(attributes, 'ContentType') ?? '';
    if (/macroEnabled|vbaProject|macrosheet|keyMapCustomizations|attachedToolbars/i.test(type)) throw new Unfit('macros');
    if (/oleObject|activeX|msdownload/i.test(type)) throw new Unfit('embedded-object');
  },
};

const macroRelations = new Set(['vbaproject', 'xlmacrosheet', 'xlintlmacrosheet', 'wordvbadata']);
const fetchingRelations = new Set(['attachedtemplate', 'afchunk', 'subdocument', 'frame', 'externallinkpath', 'xlpathmissing']);
const embeddingRelations = new Set(['oleobject', 'package', 'control', 'activexcontrolbinary']);

/** What parts point to: to the outside only what a reader chooses to follow. */
export const relations: XmlHandlers = {
  open(name, attributes) {
    if (name !== 'Relationship') return;
    const kind = (attribute(attributes, 'Type') ?? '').split('/').at(-1)?.toLowerCase() ?? '';
    const isOutside = attribute(attributes, 'TargetMode')?.toLowerCase() === 'external';
    if (macroRelations.has(kind)) throw new Unfit('macros');
    if (isOutside && kind !== 'hyperlink') throw new Unfit('external-content');
    if (fetchingRelations.has(kind)) throw new Unfit('external-content');
    if (embeddingRelations.has(kind)) throw new Unfit('embedded-object');
  },
};

/** What stands for a character. */
const characters = new Map(Object.entries({ br: '\n', cr: '\n', tab: '\t', noBreakHyphen: '-' }));
/** Behind which elements a reader of the text sees a gap or a new line; behind others a word goes on. */
const breaks = new Map(Object.entries({ p: '\n', tc: '\t', tr: '\n', si: '\n', is: '\n', c: '\t', row: '\n' }));
/** Elements whose text is not for reading. */
const silent = new Set(['instrText', 'delInstrText', 'f', 'formula']);
/** Fields of Word that run a program or fetch a file when the text is opened. */
const fetchingField = /\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b/;

/** Hands the text of a part on, and refuses fields that fetch. */
export function textOf(words: TextReader): XmlHandlers {
  let skipping = 0;
  let field = '';
  return {
    open(name, attributes) {
      if (silent.has(name)) skipping += 1;
      if (name === 'fldSimple' && fetchingField.test(attribute(attributes, 'instr') ?? '')) throw new Unfit('external-content');
      if (name === 'ddeLink' || name === 'oleLink') throw new Unfit('external-content');
      words.add(characters.get(name) ?? '');
    },
    text(text) {
      if (skipping === 0) words.add(text);
      else field += text;
    },
    close(name) {
      if (silent.has(name)) skipping -= 1;
      if (name === 'p') {
        if (fetchingField.test(field)) throw new Unfit('external-content');
        field = '';
      }
      words.add(breaks.get(name) ?? '');
    },
  };
}
