import type { Clock } from '../core/clock.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { OutputClass } from '../sinks/port.ts'
import { type OutputAction, versionedTopics } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'
import type { PartitionProgress } from './progress.ts'
import { contentsOf, type HashedRecord, recordsAt, type RecordText, type TopicContents } from './topic-contents.ts'

/** An output of a replay against the live one, over the range. */
export interface VerifiedOutput {
  /** The node that writes. */
  readonly node: string
  /** The name of the topic or sink. */
  readonly name: string
  /** Where the records of the replay went. */
  readonly target: string
  /** What writing again does there. */
  readonly outputClass: OutputClass
  /** What the replay did with the records. */
  readonly action: OutputAction
  /** undefined: there is nothing to compare, as it was muted or written to the same place. */
  readonly comparison: Comparison | undefined
}

/** Records by hash of key, value, time and headers: of those that were sampled, the different ones. */
export interface Comparison {
  /** What the live application wrote, within the range. */
  readonly live: Side
  /** What the replay wrote. */
  readonly replay: Side
  /** Different records that are in both. */
  readonly equal: number
  /** Different records that only the live application wrote. */
  readonly onlyLive: number
  /** Different records that only the replay wrote. */
  readonly onlyReplay: number
  /** Some of those that are on one side only, of both sides. */
  readonly samples: readonly RecordText[]
}

/** One side of a comparison. */
export interface Side {
  /** Records of the range. */
  readonly records: number
  /** The same by number of partition. */
  readonly byPartition: readonly number[]
  /** Second and later copies of a sampled record: an interval that was processed again. */
  readonly repeated: number
}

/** A replay compared with the live application. */
export interface Verification {
  /** The name of the replay. */
  readonly id: string
  /** What was read, by partition. */
  readonly partitions: readonly PartitionProgress[]
  /** What was written, by output. */
  readonly outputs: readonly VerifiedOutput[]
  /** Everything planned was read, and no output differs from the live one. */
  readonly isEqual: boolean
}

/** Reads topics that the replay wrote, and the live ones, and compares them. The live one counts within the range. */
export async function compareOutputs(
  driver: KafkaDriver,
  clock: Clock,
  { outputs, range }: ReplayPlan,
  sampleEvery: number,
): Promise<readonly VerifiedOutput[]> {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = range
  const isOfRange = (timestamp: number) => timestamp >= fromMs && timestamp < toMs
  const verified: VerifiedOutput[] = []
  const own = versionedTopics(outputs)
  for (const output of outputs) {
    const { node, name, target, outputClass, action } = output
    const sides = { name, target, isOfRange, sampleEvery }
    const comparison = own.includes(output) ? await compared(driver, clock, sides) : undefined
    verified.push({ node, name, target, outputClass, action, comparison })
  }
  return verified
}

const samplesMax = 10

async function compared(
  driver: KafkaDriver,
  clock: Clock,
  sides: {
    readonly name: string
    readonly target: string
    readonly isOfRange: (timestamp: number) => boolean
    readonly sampleEvery: number
  },
): Promise<Comparison> {
  const { name, target, isOfRange: isCounted, sampleEvery } = sides
  const live = await contentsOf(driver, clock, { topic: name, isCounted, sampleEvery })
  const replay = await contentsOf(driver, clock, { topic: target, isCounted: () => true, sampleEvery })
  const onlyLive = missingIn(replay, live)
  const onlyReplay = missingIn(live, replay)
  return {
    live: sideOf(live),
    replay: sideOf(replay),
    equal: live.hashes.size - onlyLive.length,
    onlyLive: onlyLive.length,
    onlyReplay: onlyReplay.length,
    samples: [
      ...(await recordsAt(driver, name, onlyLive.slice(0, samplesMax))),
      ...(await recordsAt(driver, target, onlyReplay.slice(0, samplesMax))),
    ],
  }
}

/** Records of one side that the other does not have. */
function missingIn({ hashes }: TopicContents, other: TopicContents): readonly HashedRecord[] {
  return [...other.hashes].flatMap(([hash, record]) => (hashes.has(hash) ? [] : [record]))
}

function sideOf({ records, byPartition, hashes }: TopicContents): Side {
  let repeated = 0
  for (const { count } of hashes.values()) repeated += count - 1
  return { records, byPartition, repeated }
}
