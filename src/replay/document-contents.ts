import { hash } from 'node:crypto'
import type { StoredDocument } from '../sinks/sink-version.ts'
import { type Contents, Hashes, type RecordText } from './contents.ts'

/** Reads documents to their end. The hash is that of their fields: where a document is, and its id, do not matter. */
export async function documentContents(
  documents: AsyncIterable<StoredDocument>,
  sampleEvery: number,
): Promise<Contents<string>> {
  const hashes = new Hashes<string>(sampleEvery)
  let records = 0
  for await (const { place, text } of documents) {
    records++
    hashes.add(hashOf(text), place)
  }
  return { records, byPartition: [], hashes: hashes.all }
}

/** The documents at these places, which are read again. What is no longer there is left out. */
export async function documentsAt(
  documents: AsyncIterable<StoredDocument>,
  places: readonly string[],
): Promise<readonly RecordText[]> {
  const wanted = new Set(places)
  const found: RecordText[] = []
  if (wanted.size === 0) return found
  for await (const { place, text } of documents) {
    if (!wanted.delete(place)) continue
    found.push({ place, timestamp: undefined, key: null, value: text })
    if (wanted.size === 0) break
  }
  return found
}

function hashOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}
