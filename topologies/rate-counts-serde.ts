import { logLevels } from '../schemas/log-record.ts'
import type { Serde } from '../src/index.ts'
import { emptyCounts, lastBucket, type RateCounts } from './rate-counts.ts'

/** Stands where the first form had the total, which is never as large. */
const mark = 0xffff_ffff
/** The first form: total, errors, and durations in buckets that double. */
const first = Object.freeze({ size: 84, buckets: 19, bucketStep: 8 })
const levelsSize = 4 + 4 * logLevels.length
const bucketSize = 5

/**
 * Little-endian: a mark, the levels, the buckets that have durations, and the components with their names. It also reads
 * the first form, whose logs have no level but `info` and `error`, and no component.
 */
export const rateCounts: Serde<RateCounts> = {
  name: 'rate-counts',
  serialize: ({ levels, durations, components }) => {
    const buckets = durations.reduce((filled, count) => (count === 0 ? filled : filled + 1), 0)
    let namesSize = 0
    components.forEach((_, name) => (namesSize += 6 + Buffer.byteLength(name)))
    const bytes = Buffer.allocUnsafe(levelsSize + 1 + bucketSize * buckets + 1 + namesSize)
    let at = bytes.writeUInt32LE(mark, 0)
    for (const count of levels) at = bytes.writeUInt32LE(count >>> 0, at)
    at = bytes.writeUInt8(buckets, at)
    for (let bucket = 0; bucket <= lastBucket; bucket++) {
      const count = durations[bucket] ?? 0
      if (count > 0) at = bytes.writeUInt32LE(count >>> 0, bytes.writeUInt8(bucket, at))
    }
    at = bytes.writeUInt8(components.size, at)
    components.forEach((count, name) => {
      const length = bytes.write(name, at + 2)
      bytes.writeUInt16LE(length, at)
      at = bytes.writeUInt32LE(count >>> 0, at + 2 + length)
    })
    return bytes
  },
  deserialize: (given) => {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
    if (bytes.length < levelsSize)
      throw new RangeError(`rate counts have at least ${levelsSize} bytes, these have ${bytes.length}`)
    return bytes.readUInt32LE(0) === mark ? read(bytes) : readFirst(bytes)
  },
}

function read(bytes: Buffer): RateCounts {
  const counts = emptyCounts()
  let at = 4
  for (let level = 0; level < logLevels.length; level++, at += 4) counts.levels[level] = bytes.readUInt32LE(at)
  for (let left = bytes.readUInt8(at++); left > 0; left--, at += bucketSize)
    counts.durations[bytes.readUInt8(at)] = bytes.readUInt32LE(at + 1)
  for (let left = bytes.readUInt8(at++); left > 0; left--) {
    const nameEnd = at + 2 + bytes.readUInt16LE(at)
    counts.components.set(bytes.toString('utf8', at + 2, nameEnd), bytes.readUInt32LE(nameEnd))
    at = nameEnd + 4
  }
  return counts
}

function readFirst(bytes: Buffer): RateCounts {
  if (bytes.length !== first.size)
    throw new RangeError(`rate counts of the first form have ${first.size} bytes, these have ${bytes.length}`)
  const counts = emptyCounts()
  const [total, errors] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)]
  counts.levels[logLevels.indexOf('info')] = total - errors
  counts.levels[logLevels.indexOf('error')] = errors
  for (let bucket = 0; bucket < first.buckets; bucket++) {
    const count = bytes.readUInt32LE(8 + 4 * bucket)
    counts.durations[bucket * first.bucketStep] = count
  }
  return counts
}
