const da = {
  waiting: 'Bliver kontrolleret',
  clean: 'Kontrolleret',
  unscanned: 'Kontrolleret, men ikke virusscannet',
  refused: 'Afvist',
  held: 'Venter på en person',
  cpr: 'Filen ser ud til at indeholde et CPR-nummer. Fjern den, hvis nummeret ikke skal med.',
};

const en: typeof da = {
  waiting: 'Being checked',
  clean: 'Checked',
  unscanned: 'Checked, but not scanned for viruses',
  refused: 'Refused',
  held: 'Waiting for a person',
  cpr: 'The file seems to contain a civil registration number (CPR). Remove the file if the number does not belong in it.',
};

export const fileMessages = { da, en };
