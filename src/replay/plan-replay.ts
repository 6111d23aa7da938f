import type { Clock } from '../core/clock.ts'
import { type Admin, type KafkaDriver, partitionKey, type TopicPartition } from '../kafka/port.ts'
import type { SinkFactory } from '../sinks/port.ts'
import type { Topology } from '../topology/topology.ts'
import { type AskedBounds, boundsOf, type PartitionAnswer, retentionWarnings } from './bounds.ts'
import { controlTopicOf } from './control-log.ts'
import { estimatePlaces } from './estimate-places.ts'
import { type Horizon, horizonOf } from './horizon.ts'
import { orderedEnd } from './ordered-end.ts'
import { type OutputAction, outputsOf, requestFault, type ReplayOutput, topicTargets } from './outputs.ts'
import { plannedRecords, type ReplayPartition, type ReplayPlan, type ReplayThrottle, shadowIdOf } from './plan.ts'
import { meanBytes } from './record-size.ts'
import { readsTopic, sourceTopicsOf } from './source-topics.ts'

/** What to replay. Bounds are times, a duration, or offsets of single partitions. */
export interface ReplayRequest {
  /** Names the replay: part of the names of its group and topics. Letters, digits, dots, dashes, underscores. */
  readonly id: string
  /** The range begins at this time, in milliseconds since the epoch. Default: with the first record. */
  readonly fromMs?: number | undefined
  /** The range ends before this time. Default: with the last record that is committed when the plan is made. */
  readonly toMs?: number | undefined
  /** Instead of `fromMs`: the range begins so long before it ends, or before now. */
  readonly durationMs?: number | undefined
  /** Bounds of single partitions in place of times; partitions that are not named have nothing to read. */
  readonly offsets?: readonly (TopicPartition & { readonly from?: number; readonly to?: number })[] | undefined
  /** How much is read before the range. Default: what the stores of the topology remember. */
  readonly warmUpMs?: number | 'everything' | undefined
  /** How much is read after the range. Default: what the windows of the topology remember. */
  readonly runOnMs?: number | undefined
  /** The most that one partition may be ahead of another, by record time. Default: 60000 (1 min). */
  readonly skewMs?: number | undefined
  /** By name of topic or sink: what to do in place of what its class says. */
  readonly outputs?: Readonly<Record<string, OutputAction>> | undefined
  /** How fast the replay may be. Default: no bound. */
  readonly throttle?: ReplayThrottle | undefined
}

export interface PlanParts {
  readonly driver: KafkaDriver
  readonly applicationId: string
  readonly topology: Topology
  readonly sinks: readonly SinkFactory[]
  readonly clock: Clock
}

/** Asks the cluster where the partitions begin and end, and freezes the answer. Rejects with REPLAY_REQUEST. */
export async function planReplay(parts: PlanParts, request: ReplayRequest): Promise<ReplayPlan> {
  const { driver, applicationId, topology, clock } = parts
  checkRequest(request)
  const asked = new AskedRange(request, horizonOf(topology), clock.nowMs())
  const admin = driver.admin()
  try {
    const topics = await sourceTopicsOf(topology, applicationId, admin)
    const known = await answersOf(admin, await partitionsOf(admin, topics), asked)
    const answers = await inOrder(parts, known, asked.readToMs)
    checkOffsets(request, answers)
    const partitions = answers.map((answer) => boundsOf(asked.of(answer), answer))
    return planOf(parts, request, asked, partitions, await meanBytes(driver, partitions, clock))
  } finally {
    await admin.close()
  }
}

function planOf(
  { applicationId, topology, sinks, clock }: PlanParts,
  request: ReplayRequest,
  asked: AskedRange,
  partitions: readonly ReplayPartition[],
  bytesPerRecord: number | undefined,
): ReplayPlan {
  const { id, throttle = {}, skewMs = 60_000, outputs: actions = {} } = request
  const shadowId = shadowIdOf(applicationId, id)
  const outputs = outputsOf({ id, applicationId, shadowId, topology, sinks, actions })
  checkNotRead(topology, [controlTopicOf(applicationId), ...topicTargets(outputs)])
  const records = plannedRecords(partitions)
  const bytes = bytesPerRecord === undefined ? undefined : Math.round(records * bytesPerRecord)
  return Object.freeze({
    id,
    applicationId,
    shadowId,
    topologyHash: topology.hash(),
    createdMs: clock.nowMs(),
    range: asked.range,
    warmUpMs: asked.warmUpMs,
    runOnMs: asked.runOnMs,
    skewMs,
    partitions,
    outputs,
    throttle,
    estimate: {
      records,
      bytes,
      durationMs: durationOf(records, bytes, throttle),
      ...estimatePlaces(outputs, sinks, asked.range, clock.nowMs()),
    },
    warnings: [...retentionWarnings(partitions), ...asked.warnings, ...outputWarnings(outputs)],
  })
}

/** What is read around the range. */
class AskedRange {
  readonly range: ReplayPlan['range']
  readonly warmUpMs: number | 'everything'
  readonly runOnMs: number
  readonly warnings: readonly string[]
  readonly #offsets: ReadonlyMap<string, AskedBounds> | undefined

  constructor(request: ReplayRequest, { boundedMs, unbounded }: Horizon, nowMs: number) {
    const { toMs, durationMs, offsets } = request
    const fromMs = durationMs === undefined ? request.fromMs : (toMs ?? nowMs) - durationMs
    this.range = Object.freeze(offsets === undefined ? { fromMs, toMs } : { fromMs: undefined, toMs: undefined })
    const isByOffset = offsets !== undefined
    this.warmUpMs = isByOffset ? 0 : (request.warmUpMs ?? (unbounded.length > 0 ? 'everything' : boundedMs))
    this.runOnMs = isByOffset ? 0 : (request.runOnMs ?? boundedMs)
    this.#offsets =
      offsets &&
      new Map(
        offsets.map((one) => [partitionKey(one.topic, one.partition), { fromOffset: one.from, toOffset: one.to }]),
      )
    const isCut = fromMs !== undefined && this.warmUpMs !== 'everything'
    const isStateful = unbounded.length > 0 || boundedMs > 0
    this.warnings = [
      ...(isCut && unbounded.length > 0
        ? [
            `${unbounded.join(', ')} may hold rows from records before the warm-up, and the replay does not read these records`,
          ]
        : []),
      ...(isByOffset && isStateful
        ? ['offsets have no warm-up: windows, joins and tables know only the records between these offsets']
        : []),
    ]
  }

  get readFromMs(): number | undefined {
    const { fromMs } = this.range
    if (fromMs === undefined || this.warmUpMs === 'everything') return undefined
    return Math.max(0, fromMs - this.warmUpMs)
  }

  get readToMs(): number | undefined {
    return this.range.toMs === undefined ? undefined : this.range.toMs + this.runOnMs
  }

  of({ topic, partition }: TopicPartition): AskedBounds {
    if (this.#offsets !== undefined)
      return this.#offsets.get(partitionKey(topic, partition)) ?? { fromOffset: Number.MAX_SAFE_INTEGER }
    return { fromMs: this.readFromMs, toMs: this.readToMs }
  }
}

async function partitionsOf(admin: Admin, topics: readonly string[]): Promise<readonly TopicPartition[]> {
  const described = await admin.describeTopics(topics)
  const missing = topics.filter((topic) => described.every(({ name }) => name !== topic))
  if (missing.length > 0) throw requestFault(`source topics do not exist: ${missing.join(', ')}`)
  return described.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
}

async function answersOf(
  admin: Admin,
  partitions: readonly TopicPartition[],
  { readFromMs, readToMs }: AskedRange,
): Promise<readonly PartitionAnswer[]> {
  const at = async (place: 'earliest' | 'latest' | { readonly timestampMs: number }) => {
    const answers = await admin.listOffsets(
      partitions.map((one) => ({ ...one, at: place })),
      'read_committed',
    )
    return new Map(answers.map((answer) => [partitionKey(answer.topic, answer.partition), answer.offset]))
  }
  const atTime = async (timestampMs: number | undefined) =>
    timestampMs === undefined ? undefined : at({ timestampMs })
  const [earliest, lastStable] = [await at('earliest'), await at('latest')]
  const [atFrom, atTo] = [await atTime(readFromMs), await atTime(readToMs)]
  return partitions.map((one) => {
    const key = partitionKey(one.topic, one.partition)
    return {
      ...one,
      earliest: earliest.get(key) ?? 0,
      lastStable: lastStable.get(key) ?? 0,
      atFrom: atFrom?.get(key),
      atTo: atTo?.get(key),
    }
  })
}

/** The same answers, with ends by time that no older records follow. */
async function inOrder(
  { driver, clock }: PlanParts,
  answers: readonly PartitionAnswer[],
  readToMs: number | undefined,
): Promise<readonly PartitionAnswer[]> {
  if (readToMs === undefined) return answers
  const ordered: PartitionAnswer[] = []
  for (const answer of answers) {
    const { topic, partition, atTo, lastStable } = answer
    const isInside = atTo !== undefined && atTo < lastStable
    const end = { topic, partition, atTime: atTo ?? lastStable, endOffset: lastStable }
    ordered.push(isInside ? { ...answer, atTo: await orderedEnd(driver, end, readToMs, clock) } : answer)
  }
  return ordered
}

function checkOffsets({ offsets = [] }: ReplayRequest, answers: readonly TopicPartition[]): void {
  const known = new Set(answers.map(({ topic, partition }) => partitionKey(topic, partition)))
  const unknown = offsets.map(({ topic, partition }) => partitionKey(topic, partition)).filter((key) => !known.has(key))
  if (unknown.length > 0) throw requestFault(`offsets names ${unknown.join(', ')}, which the topology does not read`)
}

function checkThrottle({ recordsPerSecond, bytesPerSecond, sinkShare, liveLagMax }: ReplayThrottle): void {
  for (const [name, value] of Object.entries({ recordsPerSecond, bytesPerSecond })) {
    if (value !== undefined && !(value > 0)) throw requestFault(`throttle.${name} is ${value}: give a number above 0`)
  }
  if (sinkShare !== undefined && !(sinkShare > 0 && sinkShare <= 1))
    throw requestFault(`throttle.sinkShare is ${sinkShare}: give a number above 0, up to 1`)
  if (liveLagMax !== undefined && !(liveLagMax >= 0))
    throw requestFault(`throttle.liveLagMax is ${liveLagMax}: give a number from 0`)
}

function durationOf(records: number, bytes: number | undefined, throttle: ReplayThrottle): number | undefined {
  const { recordsPerSecond, bytesPerSecond } = throttle
  const times = [
    recordsPerSecond === undefined ? 0 : records / recordsPerSecond,
    bytesPerSecond === undefined || bytes === undefined ? 0 : bytes / bytesPerSecond,
  ]
  const seconds = Math.max(...times)
  return seconds === 0 ? undefined : Math.round(seconds * 1000)
}

function outputWarnings(outputs: readonly ReplayOutput[]): readonly string[] {
  return outputs.flatMap(({ node, name, kind, action }) =>
    kind === 'topic' && name === '' && action === 'version'
      ? [
          `${node} chooses a topic for each record: create these topics with the suffix of the replay, or let the brokers create them`,
        ]
      : [],
  )
}

/** A pattern of the live application must not match what the replay creates: it would read it. */
function checkNotRead(topology: Topology, topics: readonly string[]): void {
  const read = topics.filter((topic) => readsTopic(topology, topic))
  if (read.length === 0) return
  throw requestFault(
    `the topology reads ${read.join(', ')}, which the replay would write: make the pattern of the source narrower, or mute the output`,
  )
}

function checkRequest({ id, fromMs, toMs, durationMs, offsets, throttle = {} }: ReplayRequest): void {
  if (!/^[a-zA-Z0-9._-]{1,60}$/.test(id))
    throw requestFault(`id is '${id}': give 1 to 60 letters, digits, dots, dashes or underscores`)
  if (fromMs !== undefined && durationMs !== undefined)
    throw requestFault('fromMs and durationMs are given: give only one of them')
  if (offsets !== undefined && (fromMs ?? toMs ?? durationMs) !== undefined)
    throw requestFault('offsets and times are given: give only one of them')
  for (const [name, value] of Object.entries({ fromMs, toMs, durationMs })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      throw requestFault(`${name} is ${value}: give milliseconds from 0`)
  }
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
    throw requestFault(`fromMs is ${fromMs} and toMs is ${toMs}: the range must begin before it ends`)
  checkThrottle(throttle)
}
