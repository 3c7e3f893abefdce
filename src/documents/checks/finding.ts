/** Why nobody may open a file. The words for each are in messages.ts. */
export type RefusedReason =
  | 'not-the-kind'
  | 'unreadable'
  | 'password'
  | 'hidden-content'
  | 'too-heavy'
  | 'pdf-script'
  | 'pdf-action'
  | 'pdf-attachment'
  | 'pdf-form'
  | 'pdf-media'
  | 'zip-too-large'
  | 'zip-too-many-parts'
  | 'zip-nested'
  | 'zip-outside'
  | 'zip-link'
  | 'zip-twice'
  | 'zip-overlap'
  | 'zip-other-bytes'
  | 'zip-incomplete'
  | 'xml-entities'
  | 'macros'
  | 'external-content'
  | 'embedded-object'
  | 'picture-too-large'
  | 'record-certificate'
  | 'malware'
  | 'refused-by-staff';

/** What we cannot judge: a person decides. */
const held = ['pdf-damaged', 'text-not-read', 'too-large-to-read', 'took-too-long', 'took-too-much-memory', 'check-failed', 'perhaps-record-certificate'] as const;
export type HeldReason = (typeof held)[number];

/** Why a file is not checked to its end yet: it is tried again by itself. */
export type WaitingReason = 'scanner-away' | 'scanner-slow' | 'scanner-unclear' | 'scanner-limit' | 'not-in-store';

export type Reason = RefusedReason | HeldReason | WaitingReason;

/** What our own checks came to. */
export interface Finding {
  readonly verdict: 'clean' | 'refused' | 'held';
  readonly reason: RefusedReason | HeldReason | null;
  /** A text in it looks like a CPR number. */
  readonly mentionsCpr: boolean;
  /** What the process that read it said when it failed, for the log. */
  readonly said?: string;
}

export function foundClean(mentionsCpr: boolean): Finding {
  return { verdict: 'clean', reason: null, mentionsCpr };
}

export function foundUnfit(reason: RefusedReason | HeldReason, said?: string): Finding {
  return { verdict: (held as readonly string[]).includes(reason) ? 'held' : 'refused', reason, mentionsCpr: false, ...(said && { said }) };
}

/** Thrown by whatever reads a file when it may not be opened, or cannot be judged. */
export class Unfit extends Error {
  readonly reason: RefusedReason | HeldReason;
  constructor(reason: RefusedReason | HeldReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Below this a file that needs more than any honest one of its size does is made to do harm. */
const smallBytes = 1_000_000;

export function tooMuch(sizeBytes: number, otherwise: HeldReason): 'too-heavy' | HeldReason {
  return sizeBytes < smallBytes ? 'too-heavy' : otherwise;
}
