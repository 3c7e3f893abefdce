import { createHash } from 'node:crypto';

/** The tree of hashes over the audit log (RFC 6962, RFC 9162), computed anew from its leaves: the database's own is checked against it. */
const prefix = { leaf: Buffer.from([0]), parent: Buffer.from([1]) } as const;

export const leafOf = (entryHash: Uint8Array): Buffer => createHash('sha256').update(prefix.leaf).update(entryHash).digest();
const parentOf = (before: Uint8Array, after: Uint8Array): Buffer => createHash('sha256').update(prefix.parent).update(before).update(after).digest();

/** A whole subtree: 2^level leaves from leaf position * 2^level on. */
export interface Subtree {
  readonly level: number;
  readonly position: number;
  readonly hash: Buffer;
}

export interface GrowingTree {
  readonly size: number;
  /** Adds a leaf, and returns the subtrees that it completes. */
  add(leaf: Buffer): Subtree[];
  /** The root over all leaves so far; there must be one. */
  root(): Buffer;
}

export function growingTree(): GrowingTree {
  // The whole subtrees from left to right, each smaller than the one before.
  const whole: Subtree[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(leaf) {
      const completed: Subtree[] = [];
      let grown: Subtree = { level: 0, position: size, hash: leaf };
      for (let left = whole.at(-1); left?.level === grown.level; left = whole.at(-1)) {
        whole.pop();
        grown = { level: grown.level + 1, position: left.position / 2, hash: parentOf(left.hash, grown.hash) };
        completed.push(grown);
      }
      whole.push(grown);
      size += 1;
      return completed;
    },
    root() {
      const root = whole.map(({ hash }) => hash).reduceRight((after, before) => parentOf(before, after));
      return root;
    },
  };
}

interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the path shows that the earlier tree is the beginning of the later one (RFC 9162, 2.1.4.2). */
export function isConsistent(earlier: TreeHead, later: TreeHead, path: readonly Uint8Array[]): boolean {
  if (earlier.size < 1 || earlier.size > later.size) return false;
  if (earlier.size === later.size) return path.length === 0 && same(earlier.root, later.root);
  let place = earlier.size - 1;
  let last = later.size - 1;
  while (place % 2 === 1) [place, last] = [(place - 1) / 2, Math.floor(last / 2)];
  const [start, ...steps] = place === 0 ? [earlier.root, ...path] : path;
  if (!start) return false;
  let [before, after] = [start, start];
  for (const step of steps) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [before, after] = [parentOf(step, before), parentOf(step, after)];
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else after = parentOf(after, step);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(before, earlier.root) && same(after, later.root);
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
