import type { Content } from '../../src/content/content.ts';
import { ContentFaults } from '../../src/content/files.ts';
import { loadContent } from '../../src/content/load.ts';

/** The content of this repository, or of another folder. Throws with every fault. */
export function writtenContent(folder = 'content'): Content {
  const { content, faults } = loadContent(folder);
  if (!content) throw new ContentFaults(faults);
  return content;
}
