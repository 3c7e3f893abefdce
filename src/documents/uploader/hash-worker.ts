import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * In a worker of the browser: the SHA-256 of a file, read piece by piece, so that a large one takes no memory and the
 * page does not stand still. Web Crypto can only digest what is in memory whole.
 */
const pieceBytes = 4 * 1024 * 1024;

self.onmessage = async ({ data: file }: MessageEvent<File>): Promise<void> => {
  try {
    const hash = sha256.create();
    for (let start = 0; start < file.size; start += pieceBytes) {
      hash.update(new Uint8Array(await file.slice(start, start + pieceBytes).arrayBuffer()));
    }
    self.postMessage({ sha256: bytesToHex(hash.digest()) });
  } catch {
    // Moved, changed or on a drive that is gone: the page asks for the file again.
    self.postMessage({ unreadable: true });
  }
};
