import { composeOn, type Streams, type StreamsConfig } from '../app.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import { standardErrorLogger, type Logger } from '../core/logger.ts'
import type { Admin, Consumer, KafkaDriver } from '../kafka/port.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { Topology } from '../topology/topology.ts'
import { ReplayFront } from './front.ts'
import { IdleClosings } from './idle-closings.ts'
import type { ReplayLedger } from './ledger.ts'
import { createOutputTopics } from './output-topics.ts'
import { meteredSinks } from './metered-sink.ts'
import { Peers } from './peers.ts'
import type { ReplayPlan } from './plan.ts'
import { ReplayProgress } from './progress.ts'
import { endsOf, shadowDriver } from './shadow-driver.ts'
import { closingConfig, shadowConfig } from './shadow-config.ts'
import { shadowTopology, type ShadowTopology } from './shadow-topology.ts'
import { SinkShare } from './sink-share.ts'
import { readsTopic } from './source-topics.ts'
import { commitStarts } from './starts.ts'

const lookEveryMs = 250
const closeTimeoutMs = 60_000

/** What a run works with. The caller owns the parts and closes them after `run`. */
export interface RunParts {
  /** Of the live application. */
  readonly config: Omit<StreamsConfig, 'kafka'>
  readonly topology: Topology
  /** Opens a driver of its own for the shadow application, which closes it. */
  readonly openDriver: () => KafkaDriver
  readonly driver: KafkaDriver
  readonly ledger: ReplayLedger
}

/** How a process left a replay. */
export type ReplayEnd = 'done' | 'left'

/**
 * One process's part of a replay: runs the shadow application until every partition is at its end and everything is
 * written and committed. Others may run at the same time, and after a crash the next one continues from its commits.
 */
export class ReplayRun {
  readonly #plan: ReplayPlan
  readonly #parts: RunParts
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #front: ReplayFront
  readonly #sinkShare: SinkShare
  readonly #shadow: ShadowTopology
  readonly #peers = new Peers()
  readonly #processId: string
  /** undefined until the shadow application starts. */
  #streams: Streams | undefined
  #isLeaving = false
  #told = 0
  #toldMs: number

  /** Throws REPLAY_TOPOLOGY_CHANGED. */
  constructor(plan: ReplayPlan, parts: RunParts, processId: string) {
    const { config, topology } = parts
    if (topology.hash() !== plan.topologyHash) throw topologyChanged(plan)
    this.#plan = plan
    this.#parts = parts
    this.#processId = processId
    this.#clock = config.clock ?? systemClock
    this.#toldMs = this.#clock.nowMs()
    this.#logger = (config.logger ?? standardErrorLogger).child({ replay: plan.id })
    this.#shadow = shadowTopology(topology, plan)
    this.#sinkShare = new SinkShare(this.#clock)
    const partitions = plan.partitions.filter(({ startOffset, endOffset }) => startOffset < endOffset)
    this.#front = new ReplayFront({
      clock: this.#clock,
      skewMs: plan.skewMs,
      partitions,
      sinkShare: this.#sinkShare,
    })
    // Until it is known whether it is paused, how many share the throttle, and how far behind the live group is.
    this.#front.hold(true)
  }

  /** The name of the replay. */
  get id(): string {
    return this.#plan.id
  }

  /** Of the shadow application in this process; undefined until it starts. */
  get status(): ApplicationStatus | undefined {
    return this.#streams?.application.status()
  }

  /** Leaves the replay after a commit; others continue, or this process later. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Rejects with REPLAY_ABORTED, REPLAY_INPUT_DELETED, and with why the application failed. */
  async run(): Promise<ReplayEnd> {
    const { driver } = this.#parts
    const admin = driver.admin()
    const { topology } = this.#parts
    const progress = new ReplayProgress(this.#plan, topology, driver)
    try {
      await this.#prepare(admin, progress.consumer)
      await this.#checkInput(progress)
      const closings = await IdleClosings.load(this.#plan, topology, driver, progress.consumer, this.#clock)
      const streams = this.#compose(closings)
      this.#streams = streams
      let isOver = false
      try {
        await streams.application.start()
        const end = await this.#follow(streams, progress, closings)
        isOver = end === 'done'
        return end
      } catch (error) {
        isOver = errorCode(error) === 'REPLAY_ABORTED'
        if (errorCode(error) === 'OFFSET_OUT_OF_RANGE') await this.#checkInput(progress)
        throw error
      } finally {
        await streams.close({ timeoutMs: closeTimeoutMs })
        await this.#tell()
        if (isOver) await streams.application.cleanUp()
      }
    } finally {
      await progress.close()
      await admin.close()
    }
  }

  /**
   * What has to be there before the shadow application joins: its start offsets, unless a former process committed
   * already, and the topics that it writes to. Every process does this; what is there stays.
   */
  async #prepare(admin: Admin, consumer: Consumer): Promise<void> {
    const { ledger } = this.#parts
    const { id } = this.#plan
    const state = ledger.state(id)
    if (state === 'aborted') throw aborted(id)
    await commitStarts(this.#plan, admin, consumer)
    await createOutputTopics(this.#plan, this.#parts.config.deadLetterTopic, admin)
    if (state === 'planned') await ledger.mark(id, 'running')
  }

  /** Throws REPLAY_INPUT_DELETED where records of the plan are gone that nobody has read. */
  async #checkInput(progress: ReplayProgress): Promise<void> {
    const deleted = await progress.deleted()
    if (deleted.length > 0) throw inputDeleted(this.#plan.id, deleted)
  }

  /** The shadow application, on a driver that hides everything beyond the ends of the plan. */
  #compose(closings: IdleClosings): Streams {
    const { config, topology, openDriver } = this.#parts
    const ends = endsOf(this.#plan, (topic) => readsTopic(topology, topic))
    const driver = shadowDriver(openDriver(), ends, this.#front, this.#plan.id)
    const named = shadowConfig(config, this.#plan, this.#processId)
    const shadow = { ...named, sinks: meteredSinks(named.sinks ?? [], this.#sinkShare) }
    if (closings.isEmpty) return composeOn(driver, shadow, this.#shadow.topology)
    return composeOn(driver, closingConfig(shadow), this.#shadow.topology, { closings })
  }

  /**
   * Looks every 250 ms until the replay is over or is left: writes the own progress, reads what others wrote, and holds
   * the input while the replay is paused or the live group is too far behind. The first process that finds everything
   * committed up to its end marks the replay as done.
   */
  async #follow(streams: Streams, progress: ReplayProgress, closings: IdleClosings): Promise<ReplayEnd> {
    const { ledger } = this.#parts
    const { id } = this.#plan
    for (;;) {
      if (this.#isLeaving) return 'left'
      if (streams.application.state === 'ERROR') throw streams.application.failure
      await this.#tell()
      const state = ledger.state(id)
      if (state === 'aborted') throw aborted(id)
      if (ledger.isOver(id)) return 'done'
      this.#learn()
      const { liveLagMax } = this.#plan.throttle
      const isLiveBehind = liveLagMax !== undefined && (await progress.liveLag()) > liveLagMax
      this.#front.hold(state === 'paused' || isLiveBehind)
      if (state === 'running' && (await isOver(progress, closings))) {
        await ledger.mark(id, 'done')
        continue
      }
      await this.#clock.sleep(lookEveryMs)
    }
  }

  /** What others have told: how far their partitions are, and how many share the throttle. */
  #learn(): void {
    const { ledger } = this.#parts
    const { id, throttle } = this.#plan
    const monotonicMs = this.#clock.monotonicMs()
    for (const { nextMs } of this.#peers.heard(ledger.processes(id), monotonicMs)) {
      for (const [key, time] of Object.entries(nextMs)) this.#front.learn(key, time ?? Number.POSITIVE_INFINITY)
    }
    const sharing = this.#peers.count(monotonicMs)
    const share = (rate: number | undefined) => (rate === undefined ? undefined : rate / sharing)
    this.#front.setRates(share(throttle.recordsPerSecond), share(throttle.bytesPerSecond))
    this.#sinkShare.setShare(share(throttle.sinkShare) ?? 1)
  }

  /** A row that cannot be written stops nothing: the next look writes a newer one. */
  async #tell(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    const { released } = this.#front
    const sinceMs = Math.max(1, nowMs - this.#toldMs)
    const recordsPerSecond = ((released - this.#told) * 1000) / sinceMs
    this.#toldMs = nowMs
    this.#told = released
    const nextMs: Record<string, number | null> = {}
    for (const [key, time] of this.#front.reported) {
      if (time !== Number.NEGATIVE_INFINITY) nextMs[key] = Number.isFinite(time) ? time : null
    }
    const row = {
      atMs: nowMs,
      nextMs,
      released,
      recordsPerSecond,
      outputs: Object.fromEntries(this.#shadow.counts),
    }
    try {
      await this.#parts.ledger.tell(this.#plan.id, this.#processId, row)
    } catch (error) {
      this.#logger.warn(
        { code: errorCode(error), error: errorMessage(error) },
        'progress could not be written, retrying',
      )
    }
  }
}

/**
 * Everything is read, and every closing is repeated. Closings behind repartition topics that no record releases are
 * released here, in the order in which they were recorded: each may give records that the next one has to see.
 */
async function isOver(progress: ReplayProgress, closings: IdleClosings): Promise<boolean> {
  if (!(await progress.isComplete())) return false
  if (closings.isEmpty) return true
  const leftMs = await closings.firstLeftMs(progress.consumer)
  if (leftMs === undefined) return progress.isComplete()
  closings.dueUpToMs = leftMs
  return false
}

function topologyChanged({ id, topologyHash }: ReplayPlan): MillraceError {
  return new MillraceError(
    'REPLAY_TOPOLOGY_CHANGED',
    'fatal',
    `replay ${id} was planned with another topology (${topologyHash.slice(0, 12)}): run the version that planned it, or plan another replay`,
  )
}

function inputDeleted(id: string, deleted: readonly string[]): MillraceError {
  return new MillraceError(
    'REPLAY_INPUT_DELETED',
    'fatal',
    `records of replay ${id} were deleted before it has read them (${deleted.slice(0, 3).join(', ')}): plan another one, and keep its input for longer`,
  )
}

function aborted(id: string): MillraceError {
  return new MillraceError('REPLAY_ABORTED', 'fatal', `replay ${id} was aborted: plan another one`)
}
