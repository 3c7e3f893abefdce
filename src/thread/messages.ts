import { formatNumber } from '../i18n/format.ts';

const da = {
  asked: (n: number) => (n === 1 ? '1 gang bedt om dokumentation' : `${n} gange bedt om dokumentation`),
  documented: (done: number, all: number) => `${done} af ${all} dokumenteret`,
  more: (n: number) => `og ${formatNumber(n, 'da')} mere`,
};
const en: typeof da = {
  asked: (n) => (n === 1 ? 'documentation asked for once' : `documentation asked for ${n} times`),
  documented: (done, all) => `${done} of ${all} documented`,
  more: (n) => `and ${formatNumber(n, 'en')} more`,
};
export const threadMessages = { da, en };
