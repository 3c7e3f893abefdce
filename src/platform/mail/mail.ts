import fs from 'node:fs/promises';
import path from 'node:path';
import nodemailer, { type Transporter } from 'nodemailer';

export interface Message {
  /** Stable over retries: part of the Message-ID, so that a mail server can tell a repetition. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  /** Plain text; lines may be of any length. */
  readonly text: string;
  /** Further headers, such as List-Unsubscribe. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Hands a message on. Resolves once it is the receiver's responsibility; rejects when it may be tried again. */
export interface Mail {
  send(message: Message): Promise<void>;
}

export interface Sender {
  readonly from: string;
  readonly host: string;
}

function compose(message: Message, sender: Sender) {
  return {
    from: sender.from,
    to: message.to,
    subject: message.subject,
    text: message.text,
    messageId: `<${message.id}@${sender.host}>`,
    headers: { 'Auto-Submitted': 'auto-generated', ...message.headers },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

export function mailBySmtp(url: string, sender: Sender): Mail {
  const transport: Transporter = nodemailer.createTransport({ url, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 });
  return { send: async (message) => void (await transport.sendMail(compose(message, sender))) };
}

/** One `.eml` file per message, named by its id: sending again writes the same file. */
export function mailToFolder(folder: string, sender: Sender): Mail {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    async send(message) {
      const sent = await transport.sendMail(compose(message, sender));
      await fs.mkdir(folder, { recursive: true });
      const place = path.join(folder, `${message.id}.eml`);
      await fs.writeFile(`${place}.new`, sent.message as Buffer);
      await fs.rename(`${place}.new`, place);
    },
  };
}

/** hard: there is no such mailbox, and there will be none. soft: refused for good, but perhaps for what was sent or who sent it. */
export type Bounce = 'hard' | 'soft';

/**
 * What a mail server meant by refusing a message; null when it may be tried again, or when it never came to this
 * recipient: a wrong password of ours says nothing about an address. After RFC 5321 4.2 and RFC 3463: a code 5.7.x is
 * about the sender, and what is refused after the text was sent is about the text, unless it names the mailbox (5.1.x).
 */
export function bounceOf(error: unknown): Bounce | null {
  const { responseCode = 0, command = '', response = '' } = error as { responseCode?: number; command?: string; response?: string };
  if (responseCode < 500 || (command !== 'RCPT TO' && command !== 'DATA')) return null;
  const detail = /^\d{3}[ -]5\.(\d{1,3})\.\d{1,3}\b/.exec(response)?.[1];
  if (detail === '1') return 'hard';
  return command === 'RCPT TO' && detail !== '7' ? 'hard' : 'soft';
}
