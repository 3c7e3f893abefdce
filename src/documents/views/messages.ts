const da = {
  waiting: 'Bliver kontrolleret',
  clean: 'Kontrolleret',
  unscanned: 'Kontrolleret, men ikke virusscannet',
  refused: 'Afvist',
  held: 'Venter på en person',
  released: 'Set og frigivet af en medarbejder',
  releasedBy: (name: string) => `Set og frigivet af ${name}`,
  notScanned: 'Filen er ikke virusscannet.',
  cpr: 'Filen ser ud til at indeholde et CPR-nummer.',
};

const en: typeof da = {
  waiting: 'Being checked',
  clean: 'Checked',
  unscanned: 'Checked, but not scanned for viruses',
  refused: 'Refused',
  held: 'Waiting for a person',
  released: 'Looked at and released by a member of staff',
  releasedBy: (name) => `Looked at and released by ${name}`,
  notScanned: 'The file has not been scanned for viruses.',
  cpr: 'The file seems to contain a civil registration number (CPR).',
};

export const fileMessages = { da, en };
