const da = {
  asked: (n: number) => (n === 1 ? '1 gang bedt om dokumentation' : `${n} gange bedt om dokumentation`),
  documented: (done: number, all: number) => `${done} af ${all} dokumenteret`,
  more: (n: number) => `og ${n} mere`,
};
const en: typeof da = {
  asked: (n) => (n === 1 ? 'documentation asked for once' : `documentation asked for ${n} times`),
  documented: (done, all) => `${done} of ${all} documented`,
  more: (n) => `and ${n} more`,
};
export const threadMessages = { da, en };
