const da = {
  updated: (date: string) => `Senest opdateret ${date}`,
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
