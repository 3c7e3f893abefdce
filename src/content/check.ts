import { sentenceOf } from './files.ts';
import { loadContent } from './load.ts';

/** Says what is wrong with the content, one sentence per fault: node src/content/check.ts [folder]. Exit code 1 when anything is. */
const { faults } = loadContent(process.argv[2]);
for (const fault of faults) console.error(sentenceOf(fault));
if (faults.length > 0) process.exitCode = 1;
