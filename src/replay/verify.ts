import type { Clock } from '../core/clock.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { OutputClass, SinkFactory } from '../sinks/port.ts'
import type { Topology } from '../topology/topology.ts'
import { isBehindCache } from './cached-outputs.ts'
import type { Contents, RecordText } from './contents.ts'
import { documentContents, documentsAt } from './document-contents.ts'
import { type OutputAction, type ReplayOutput, versionedTopics } from './outputs.ts'
import { closedRange, type ReplayPlan } from './plan.ts'
import type { PartitionProgress } from './progress.ts'
import { contentsOf, recordsAt, type RecordPlace } from './topic-contents.ts'
import { versionOf } from './versioned-sinks.ts'

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

/**
 * Records by hash of key, value, time and headers, documents by hash of their fields: of those that were sampled, the
 * different ones. A plan without an end is compared up to the time at which it was made.
 */
export interface Comparison {
  /**
   * Only the last record of each key is compared: a record cache leaves out results between two commits, other ones in
   * each run.
   */
  readonly isLastOfKey: boolean
  /** What the live application wrote, within the range. */
  readonly live: Side
  /** What the replay wrote. */
  readonly replay: Side
  /** Different records that are in both. */
  readonly equal: number
  /** Of these, the ones that the replay wrote less often: an identical record is missing. */
  readonly fewer: number
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
  /** The same by number of partition; empty for documents. */
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

export interface CompareParts {
  readonly driver: KafkaDriver
  readonly clock: Clock
  /** Of the live application. */
  readonly topology: Topology
  /** Of the live application: whether its tables have record caches. */
  readonly hasCaches: boolean
  /** Of the live application. */
  readonly sinks: readonly SinkFactory[]
  /** Of how many records one is compared; 1: all. */
  readonly sampleEvery: number
}

/** Reads what the replay wrote to places of its own, and the live ones, and compares them within the range. */
export async function compareOutputs(plan: ReplayPlan, parts: CompareParts): Promise<readonly VerifiedOutput[]> {
  const verified: VerifiedOutput[] = []
  for (const output of plan.outputs) {
    const { node, name, target, outputClass, action } = output
    const comparison = await comparisonOf(output, plan, parts)
    verified.push({ node, name, target, outputClass, action, comparison })
  }
  return verified
}

/** Records that the replay has more often do not count: an interval was processed again. */
export function isDifferent({ fewer, onlyLive, onlyReplay }: Comparison): boolean {
  return fewer + onlyLive + onlyReplay > 0
}

const samplesMax = 10

/** undefined: there is nothing to compare. */
async function comparisonOf(
  output: ReplayOutput,
  plan: ReplayPlan,
  parts: CompareParts,
): Promise<Comparison | undefined> {
  const node = parts.topology.nodes.get(output.node)
  if (node?.kind === 'sink' && versionedTopics([output]).length > 0) {
    const isLastOfKey = parts.hasCaches && isBehindCache(parts.topology, output.node)
    return compared(topicSides(output, plan, { ...parts, serdes: node, isLastOfKey }), isLastOfKey)
  }
  const sides = documentSides(output, plan, parts)
  return sides && compared(sides, false)
}

/** The live output and that of the replay. */
interface Sides<Place> {
  readonly live: OutputSide<Place>
  readonly replay: OutputSide<Place>
}

interface OutputSide<Place> {
  read(): Promise<Contents<Place>>
  textsAt(places: readonly Place[]): Promise<readonly RecordText[]>
}

interface TopicParts extends CompareParts {
  readonly serdes: Parameters<typeof recordsAt>[2]
  readonly isLastOfKey: boolean
}

function topicSides({ name, target }: ReplayOutput, plan: ReplayPlan, parts: TopicParts): Sides<RecordPlace> {
  const { driver, clock, serdes, isLastOfKey, sampleEvery } = parts
  const { fromMs = 0, toMs } = closedRange(plan)
  const side = (topic: string, isCounted: (timestamp: number) => boolean): OutputSide<RecordPlace> => ({
    read: () => contentsOf(driver, clock, { topic, isCounted, isLastOfKey, sampleEvery }),
    textsAt: (places) => recordsAt(driver, topic, serdes, places),
  })
  return {
    live: side(name, (timestamp) => timestamp >= fromMs && timestamp < toMs),
    // Where the end is the time of the plan, live results after it may come from records after it: neither side counts.
    replay: side(target, (timestamp) => plan.range.toMs !== undefined || timestamp < toMs),
  }
}

function documentSides(output: ReplayOutput, plan: ReplayPlan, parts: CompareParts): Sides<string> | undefined {
  const version = versionOf(output, plan, parts.sinks)
  const read = (which: 'live' | 'version') => version?.documents(which, plan.range)
  if (read('live') === undefined) return undefined
  const side = (which: 'live' | 'version'): OutputSide<string> => ({
    read: () => documentContents(read(which) ?? none(), parts.sampleEvery),
    textsAt: (places) => documentsAt(read(which) ?? none(), places),
  })
  return { live: side('live'), replay: side('version') }
}

async function* none(): AsyncGenerator<never> {}

async function compared<Place>(sides: Sides<Place>, isLastOfKey: boolean): Promise<Comparison> {
  const live = await sides.live.read()
  const replay = await sides.replay.read()
  const onlyLive = missingIn(replay, live)
  const onlyReplay = missingIn(live, replay)
  return {
    isLastOfKey,
    live: sideOf(live),
    replay: sideOf(replay),
    equal: live.hashes.size - onlyLive.length,
    fewer: fewerIn(replay, live),
    onlyLive: onlyLive.length,
    onlyReplay: onlyReplay.length,
    samples: [
      ...(await sides.live.textsAt(onlyLive.slice(0, samplesMax))),
      ...(await sides.replay.textsAt(onlyReplay.slice(0, samplesMax))),
    ],
  }
}

/** Where records of one side are that the other does not have. */
function missingIn<Place>({ hashes }: Contents<Place>, other: Contents<Place>): readonly Place[] {
  return [...other.hashes].flatMap(([hash, { place }]) => (hashes.has(hash) ? [] : [place]))
}

/** Records that are in both, and less often in the first. */
function fewerIn<Place>({ hashes }: Contents<Place>, other: Contents<Place>): number {
  let fewer = 0
  for (const [hash, { count }] of hashes) if (count < (other.hashes.get(hash)?.count ?? 0)) fewer++
  return fewer
}

function sideOf({ records, byPartition, hashes }: Contents<unknown>): Side {
  let repeated = 0
  for (const { count } of hashes.values()) repeated += count - 1
  return { records, byPartition, repeated }
}
