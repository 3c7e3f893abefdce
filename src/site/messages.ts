const da = {
  updated: (date: string) => `Senest opdateret ${date}`,
  assessment: 'Selvevaluering efter WCAG 2.2',
  assessmentLink: 'Se selvevalueringen, kriterium for kriterium',
  assessmentLead: 'De 55 kriterier på niveau A og AA: hvad vi har undersøgt, hvordan, og hvad vi fandt. Ingen udenforstående har gennemgået siden endnu.',
  results: { met: 'Opfyldt', partly: 'Delvist opfyldt', 'not-checked': 'Ikke undersøgt', 'not-relevant': 'Ikke relevant' },
  measured: (date: string, tool: string, browser: string, pages: number, views: number) =>
    `De automatiske prøver er kørt ${date} med ${tool} i ${browser} på ${pages} sider i ${views} visninger: smal og bred, lys og mørk. Ingen regel er slået fra.`,
  criterion: 'Kriterium',
  result: 'Resultat',
  how: 'Sådan ved vi det',
  ways: { axe: 'Automatiske regler', test: 'Egne prøver i browser', hand: 'Set efter af udviklerne' },
  found: (passed: string, findings: number, rules: string) =>
    passed === '0' && findings === 0 ? `Reglerne fandt intet, de gælder for (${rules}).` : `${passed} steder bestået, ${findings} fejl (${rules}).`,
  contact: 'Kontakt',
  contactLead: 'Skriv eller ring til os. Du taler med et team, ikke med en telefonsvarer for én person.',
  who: 'Hvem',
  address: 'Adresse',
  phone: 'Telefon',
  email: 'E-mail',
  cvr: 'CVR-nummer',
  help: 'Hjælp til det, du er i gang med',
  helpText: 'Er du leverandør og sidder fast i en opgave, så skriv aftalens nummer og opgavens navn. Send aldrig CPR-numre eller attester i en mail.',
};
const en: typeof da = {
  updated: (date) => `Last updated ${date}`,
  assessment: 'Self-assessment against WCAG 2.2',
  assessmentLink: 'See the self-assessment, criterion by criterion',
  assessmentLead: 'The 55 criteria of level A and AA: what we have examined, how, and what we found. Nobody from outside has reviewed the site yet.',
  results: { met: 'Met', partly: 'Partly met', 'not-checked': 'Not examined', 'not-relevant': 'Not relevant' },
  measured: (date, tool, browser, pages, views) =>
    `The automatic tests ran on ${date} with ${tool} in ${browser} on ${pages} pages in ${views} views: narrow and wide, light and dark. No rule is switched off.`,
  criterion: 'Criterion',
  result: 'Result',
  how: 'How we know',
  ways: { axe: 'Automatic rules', test: 'Our own tests in a browser', hand: 'Looked at by the developers' },
  found: (passed, findings, rules) =>
    passed === '0' && findings === 0 ? `The rules found nothing that they apply to (${rules}).` : `Passed in ${passed} places, ${findings} faults (${rules}).`,
  contact: 'Contact',
  contactLead: 'Write to us or call us. You reach a team, not one person’s answering machine.',
  who: 'Who',
  address: 'Address',
  phone: 'Telephone',
  email: 'E-mail',
  cvr: 'Company number (CVR)',
  help: 'Help with what you are doing',
  helpText: 'If you are a supplier and stuck in a task, write the agreement’s number and the name of the task. Never send civil registration numbers or certificates by e-mail.',
};
export const siteMessages = { da, en };
