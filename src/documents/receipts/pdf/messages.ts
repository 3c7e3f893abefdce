const da = {
  title: 'Kvittering',
  attachment: 'Kvitteringen, som den er underskrevet',
  received: (owner: string) => `${owner} har modtaget det, der står her.`,
  files: 'Modtagne filer',
  noFiles: 'Der blev ikke sendt filer.',
  answers: 'Svarene i skemaet',
  proof: 'Bevis',
  proofText: (attachment: string, address: string) =>
    `Det, der er underskrevet, ligger som bilag i denne PDF: ${attachment}. Kontrollér det på ${address}. Kontrollen sker i din egen browser, og intet bliver sendt. SHA-256 er en fils fingeraftryk: har din egen fil det samme, er det den, kommunen har modtaget.`,
  root: 'Loggens rod',
  rootText: (size: string, root: string) => `${root} (${size} poster)`,
  signature: 'Underskrift (Ed25519)',
  key: 'Nøgle',
  page: (page: number, of: number) => `Side ${page} af ${of}`,
};

const en: typeof da = {
  title: 'Receipt',
  attachment: 'The receipt as it was signed',
  received: (owner) => `${owner} has received what stands here.`,
  files: 'Files received',
  noFiles: 'No files were sent.',
  answers: 'The answers in the form',
  proof: 'Proof',
  proofText: (attachment, address) =>
    `What was signed is attached to this PDF: ${attachment}. Check it at ${address}. The check is made in your own browser, and nothing is sent. SHA-256 is a file’s fingerprint: if your own file has the same one, it is the file that the municipality received.`,
  root: 'Root of the log',
  rootText: (size, root) => `${root} (${size} entries)`,
  signature: 'Signature (Ed25519)',
  key: 'Key',
  page: (page, of) => `Page ${page} of ${of}`,
};

export const pdfMessages = { da, en };
