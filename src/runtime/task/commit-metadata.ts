/**
 * What a task leaves with its committed offsets, in Java's bytes: partition time and a few numbers of operators. Behind
 * them, where Java does not look, the id of the topic that the offset is of.
 */
export interface CommitMetadata {
  /** -1: unknown. */
  readonly partitionTimeMs: number
  readonly operatorState: ReadonlyMap<string, number>
  /** undefined: unknown. */
  readonly topicId: string | undefined
}

const version = 2
const versionWithTimeOnly = 1
const headBytes = 9
/** A broker takes texts of 4096 characters (`offset.metadata.max.bytes`), and refuses the whole commit otherwise. */
const bytesMax = 3072

/**
 * If a broker cannot store all operators, some are left out: their stream time starts again after a restart, as in
 * Java.
 */
export function encodeCommitMetadata(
  partitionTimeMs: number,
  operatorState: ReadonlyMap<string, number>,
  topicId = '',
): string {
  const id = Buffer.from(topicId, 'utf8')
  let entriesBytes = 0
  const entries = [...operatorState]
    .map(([name, value]) => ({ name: Buffer.from(name, 'utf8'), value }))
    .filter(({ name: { length } }) => {
      const fits = headBytes + 4 + id.length + entriesBytes + 12 + length <= bytesMax
      if (fits) entriesBytes += 12 + length
      return fits
    })
  const hasEntries = entries.length > 0 || id.length > 0
  const bytes = Buffer.alloc(headBytes + (hasEntries ? 4 + entriesBytes + id.length : 0))
  bytes.writeUInt8(version, 0)
  bytes.writeBigInt64BE(BigInt(partitionTimeMs), 1)
  if (!hasEntries) return bytes.toString('base64')
  let at = bytes.writeInt32BE(entries.length, headBytes)
  for (const { name, value } of entries) {
    at = bytes.writeInt32BE(name.length, at)
    at += name.copy(bytes, at)
    at = bytes.writeBigInt64BE(BigInt(value), at)
  }
  id.copy(bytes, at)
  return bytes.toString('base64')
}

/** Text of another writer, or none, means that nothing is known; it is never an error. */
export function decodeCommitMetadata(text: string): CommitMetadata {
  const nothing = { partitionTimeMs: -1, operatorState: new Map<string, number>(), topicId: undefined }
  try {
    const bytes = Buffer.from(text, 'base64')
    if (bytes[0] !== version && bytes[0] !== versionWithTimeOnly) return nothing
    const partitionTimeMs = Number(bytes.readBigInt64BE(1))
    if (bytes[0] !== version || bytes.length === headBytes) return { ...nothing, partitionTimeMs }
    const operatorState = new Map<string, number>()
    const rest = bytes.subarray(readEntries(bytes, operatorState))
    return { partitionTimeMs, operatorState, topicId: rest.length === 0 ? undefined : rest.toString('utf8') }
  } catch {
    return nothing
  }
}

/** Returns where they end. */
function readEntries(bytes: Buffer, into: Map<string, number>): number {
  let at = headBytes + 4
  for (let rest = bytes.readInt32BE(headBytes); rest > 0; rest--) {
    const length = bytes.readInt32BE(at)
    const name = bytes.toString('utf8', at + 4, at + 4 + length)
    into.set(name, Number(bytes.readBigInt64BE(at + 4 + length)))
    at += 12 + length
  }
  return at
}
