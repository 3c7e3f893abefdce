/** A Date is a day: its year, month and day in UTC. Numbers that are not finite are left blank. */
export type Value = string | number | Date | boolean | null;

export type Rows = AsyncIterable<readonly Value[]> | Iterable<readonly Value[]>;

const batchCharacters = 65_536;

/** Joins texts to about 64 kB and encodes them as UTF-8. */
export async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let batch: string[] = [];
  let length = 0;
  for await (const text of texts) {
    batch.push(text);
    length += text.length;
    if (length < batchCharacters) continue;
    yield Buffer.from(batch.join(''));
    batch = [];
    length = 0;
  }
  if (length > 0) yield Buffer.from(batch.join(''));
}

/** A stream that asks for the next chunk when its reader has room for one, and ends the generator when the reader leaves. */
export function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
