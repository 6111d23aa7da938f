import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Level } from '../../src/pipelines/index.ts'

const newline = 0x0a

/** Documents of each level. */
export type LevelCounts = Map<Level, number>

/** Throws where a file does not have so many documents of each level, or one of them has no time. Their order may differ. */
export function checkOutput(file: string, expected: LevelCounts): void {
  const counts: Map<unknown, number> = new Map()
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { level, timestamp } = JSON.parse(text) as { readonly level?: unknown; readonly timestamp?: unknown }
    if (timestamp === undefined) throw new Error(`a document has no timestamp: ${text}`)
    counts.set(level, (counts.get(level) ?? 0) + 1)
  }
  if (isDeepStrictEqual(counts, expected)) return
  const [found, right] = [counts, expected].map((levels) => JSON.stringify([...levels]))
  throw new Error(`${file} has the levels ${found} instead of ${right}`)
}

export function countNewlines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++
  return count
}
