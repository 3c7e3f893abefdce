/**
 * The domain says no. Thrown, so that the transaction rolls back; `code` is from a union that the feature declares,
 * and the words for it exist in Danish and English. Everything else that is thrown is a bug.
 */
export class Refusal<Code extends string = string> extends Error {
  readonly code: Code;
  readonly facts: Readonly<Record<string, string>>;
  constructor(code: Code, facts: Readonly<Record<string, string>> = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.facts = facts;
  }
}

/** Codes that any use case may refuse with. */
export type CommonRefusal = 'not-found' | 'not-allowed';

/** One thing wrong with what was typed: where, and which rule. The words are found by `code` in the feature's messages. */
export interface Fault<Code extends string = string> {
  readonly field: string;
  readonly code: Code;
}

/** What was typed cannot be used. Holds at least one fault, in the order of the form. */
export class InvalidInput<Code extends string = string> extends Error {
  readonly faults: readonly Fault<Code>[];
  constructor(faults: readonly Fault<Code>[]) {
    super(`invalid input: ${faults.map((fault) => `${fault.field} ${fault.code}`).join(', ')}`);
    this.name = 'InvalidInput';
    this.faults = faults;
  }
}
