import type { ByteRanges } from '../../src/core/byte-ranges.ts'

/** Parts in one buffer, each between `before` and `after`. null: there is none at that index. */
export function rangesOf(parts: readonly (Buffer | null)[], before: Buffer, after: Buffer): ByteRanges {
  const starts: number[] = []
  let end = 0
  for (const part of parts) {
    starts.push(end + before.length)
    end += before.length + (part?.length ?? 0) + after.length
  }
  return {
    bytes: Buffer.concat(parts.flatMap((part) => [before, part ?? Buffer.of(), after])),
    count: parts.length,
    start: (index) => starts[index] as number,
    length: (index) => parts[index]?.length ?? -1,
  }
}
