import { randomUUID } from 'node:crypto'
import { openKafka, type StreamsConfig } from '../app.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { errorCode, MillraceError } from '../core/errors.ts'
import { standardErrorLogger } from '../core/logger.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import type { Admin, KafkaDriver } from '../kafka/port.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { Topology } from '../topology/topology.ts'
import { ControlLog, controlTopicOf } from './control-log.ts'
import { CutOver } from './cut-over.ts'
import { deleteEverything, deleteInternalTopics } from './leftovers.ts'
import { ReplayLedger, type ReplayState } from './ledger.ts'
import { requestFault } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'
import { planReplay, type ReplayRequest } from './plan-replay.ts'
import { ReplayProgress } from './progress.ts'
import { type ReplayStatus, statusOf } from './replay-status.ts'
import { type ReplayEnd, ReplayRun } from './run-replay.ts'
import { compareOutputs, isDifferent, type Verification } from './verify.ts'

/** Options of `run`. */
export interface RunOptions {
  /** Tells the processes of a replay apart. Default: a random one. */
  readonly processId?: string | undefined
  /** Called when something happens in the application of the replay, for its metrics. Default: that of the live application. */
  readonly listener?: RuntimeListener | undefined
}

/** What replays are made of. */
export interface ReplaysParts {
  /** Of the live application. */
  readonly config: Omit<StreamsConfig, 'kafka'>
  /** Of the live application. */
  readonly topology: Topology
  /** Opens a driver that the replays, or a shadow application, close. */
  readonly openDriver: () => KafkaDriver
}

/**
 * The replays of one application: the same topology over a range of its inputs, as an application of its own. The live
 * group is read and never written. Nothing of the live application has to run.
 *
 * @example
 * ```ts
 * const copied = defineTopology('copied', (builder) => {
 *   builder.stream('numbers', { key: string(), value: integer() }).to('doubled')
 * })
 * const replays = await Replays.open({ applicationId: 'copier', kafka }, copied)
 * const july = { fromMs: Date.UTC(2026, 6, 1), toMs: Date.UTC(2026, 7, 1) }
 * const plan = await replays.plan({ id: 'july', ...july })
 * await replays.run(plan.id)
 * await replays.close()
 * ```
 */
export class Replays {
  readonly #config: ReplaysParts['config']
  readonly #topology: Topology
  readonly #openDriver: () => KafkaDriver
  readonly #driver: KafkaDriver
  readonly #control: ControlLog
  readonly #ledger: ReplayLedger
  readonly #clock: Clock
  readonly #runs = new Map<ReplayRun, Promise<ReplayEnd>>()

  private constructor(parts: ReplaysParts, driver: KafkaDriver, control: ControlLog) {
    this.#config = parts.config
    this.#topology = parts.topology
    this.#openDriver = parts.openDriver
    this.#driver = driver
    this.#control = control
    this.#clock = parts.config.clock ?? systemClock
    this.#ledger = new ReplayLedger(control)
  }

  /** Connects, and reads what is planned. `config` and topology are those of the live application. */
  static open(config: StreamsConfig, topology: Topology | TopologyDefinition): Promise<Replays> {
    const { kafka, ...rest } = config
    return Replays.on({
      config: rest,
      topology: 'build' in topology ? topology.build() : topology,
      openDriver: () => openKafka(kafka, config.logger ?? standardErrorLogger),
    })
  }

  /** As `open`, on drivers that somebody else opens. */
  static async on(parts: ReplaysParts): Promise<Replays> {
    const driver = parts.openDriver()
    const { clock = systemClock } = parts.config
    try {
      return new Replays(
        parts,
        driver,
        await ControlLog.open(driver, controlTopicOf(parts.config.applicationId), clock),
      )
    } catch (error) {
      await driver.close()
      throw error
    }
  }

  /** Looks bounds up and keeps the plan. Rejects with REPLAY_REQUEST, also for an id that was used before. */
  async plan(request: ReplayRequest): Promise<ReplayPlan> {
    await this.#ledger.refresh()
    if (this.#ledger.has(request.id)) throw requestFault(`id '${request.id}' was used before: give another one`)
    const plan = await this.preview(request)
    await this.#ledger.keep(plan)
    return plan
  }

  /** The plan that `plan` would keep. */
  preview(request: ReplayRequest): Promise<ReplayPlan> {
    const { applicationId, sinks = [] } = this.#config
    const parts = { driver: this.#driver, applicationId, topology: this.#topology, sinks, clock: this.#clock }
    return planReplay(parts, request)
  }

  /** All plans, the newest last. */
  async list(): Promise<readonly ReplayPlan[]> {
    await this.#ledger.refresh()
    return this.#ledger.plans
  }

  /**
   * Works on a replay until it is done; any number of processes may. Resolves with `left` after `leave`. Rejects with
   * UNKNOWN_REPLAY, REPLAY_TOPOLOGY_CHANGED, REPLAY_INPUT_DELETED, REPLAY_ABORTED, and with what the application fails of.
   */
  async run(id: string, options: RunOptions = {}): Promise<ReplayEnd> {
    await this.#ledger.refresh()
    const plan = this.#ledger.plan(id)
    if (this.#ledger.isOver(id)) return 'done'
    const { listener = this.#config.listener } = options
    const parts = {
      config: { ...this.#config, listener },
      topology: this.#topology,
      openDriver: this.#openDriver,
      driver: this.#driver,
      ledger: this.#ledger,
    }
    const run = new ReplayRun(plan, parts, options.processId ?? `${plan.shadowId}-${randomUUID()}`)
    const ended = run.run()
    this.#runs.set(run, ended)
    try {
      const end = await ended
      if (end === 'done') await this.#administer((admin) => deleteInternalTopics(plan, this.#topology, admin))
      return end
    } catch (error) {
      // What it made while somebody aborted the replay.
      if (errorCode(error) === 'REPLAY_ABORTED') await this.#deleteAll(plan)
      throw error
    } finally {
      this.#runs.delete(run)
    }
  }

  /** Ends this process's part of its replays, after a commit. */
  async leave(): Promise<void> {
    for (const run of this.#runs.keys()) run.leave()
    await Promise.allSettled(this.#runs.values())
  }

  /** Asks the cluster; needs no process of the replay. Rejects with UNKNOWN_REPLAY. */
  async status(id: string): Promise<ReplayStatus> {
    await this.#ledger.refresh()
    const plan = this.#ledger.plan(id)
    const progress = new ReplayProgress(plan, this.#topology, this.#driver)
    try {
      const rows = [...this.#ledger.processes(id).values()]
      return statusOf(id, this.#ledger.state(id), await progress.read(), rows, this.#clock.nowMs())
    } finally {
      await progress.close()
    }
  }

  /** The application that works on a replay in this process, for `createMetrics`; undefined while `run` has none. */
  applicationStatus(id: string): ApplicationStatus | undefined {
    return [...this.#runs.keys()].find((run) => run.id === id)?.status
  }

  /** All processes keep their places and read nothing. Rejects with REPLAY_STATE unless it runs. */
  async pause(id: string): Promise<void> {
    await this.#checked(id, 'paused', ['running'])
    await this.#ledger.mark(id, 'paused')
  }

  /** Continues what was paused. Rejects with REPLAY_STATE unless it is. */
  async resume(id: string): Promise<void> {
    await this.#checked(id, 'running', ['paused'])
    await this.#ledger.unmark(id, 'paused')
  }

  /**
   * Compares what the replay wrote with what the live application wrote, by counts and by hash: of every record, or of
   * one in `sampleEvery`. Only what it wrote to topics and indices of its own is compared.
   */
  async verify(id: string, sampleEvery = 1): Promise<Verification> {
    await this.#ledger.refresh()
    const plan = this.#ledger.plan(id)
    const progress = new ReplayProgress(plan, this.#topology, this.#driver)
    try {
      const partitions = await progress.read()
      const { sinks = [], cacheBytesMax } = this.#config
      const own = { topology: this.#topology, hasCaches: cacheBytesMax !== 0, sinks }
      const parts = { ...own, driver: this.#driver, clock: this.#clock, sampleEvery }
      const outputs = await compareOutputs(plan, parts)
      const differs = outputs.some(({ comparison }) => comparison !== undefined && isDifferent(comparison))
      const isEqual = !differs && partitions.every(({ done, total }) => done === total)
      return { id, partitions, outputs, isEqual }
    } finally {
      await progress.close()
    }
  }

  /**
   * Puts the outputs of a replay in place of the live ones: from now on `currentTopic` gives its topics, and aliases lead
   * to its documents. Resolves with a sentence for each output whose readers have to be changed by hand. Rejects with
   * REPLAY_STATE unless the replay is done.
   */
  async cutOver(id: string): Promise<readonly string[]> {
    const left = await (await this.#cutOverOf(id, 'cut-over', ['done'])).putInPlace()
    await this.#ledger.mark(id, 'cut-over')
    return left
  }

  /** Reverts a cutover. Rejects with REPLAY_STATE unless there is one, or while another one is over it. */
  async revert(id: string): Promise<void> {
    await (await this.#cutOverOf(id, 'done', ['cut-over'])).takeBack()
    await this.#ledger.unmark(id, 'cut-over')
  }

  async #cutOverOf(id: string, to: ReplayState, from: readonly ReplayState[]): Promise<CutOver> {
    return new CutOver(await this.#checked(id, to, from), this.#ledger, this.#config.sinks ?? [])
  }

  /** The topic that readers of an output should read now: its own, or that of the last cut-over. */
  async currentTopic(name: string): Promise<string> {
    await this.#ledger.refresh()
    return this.#ledger.pointer(name)?.topic ?? name
  }

  /**
   * Ends a replay for good and deletes its group and topics once its processes have left; what it wrote to live topics
   * and sinks stays. Rejects with REPLAY_STATE for one that is put in place.
   */
  async abort(id: string): Promise<void> {
    const plan = await this.#checked(id, 'aborted', ['planned', 'running', 'paused', 'done', 'aborted'])
    await this.#ledger.mark(id, 'aborted')
    await this.#deleteAll(plan)
  }

  #deleteAll(plan: ReplayPlan): Promise<void> {
    const { deadLetterTopic } = this.#config
    const parts = { topology: this.#topology, deadLetterTopic, clock: this.#clock }
    return this.#administer((admin) => deleteEverything(plan, parts, admin))
  }

  /** The plan, if the state of the replay allows the move. */
  async #checked(id: string, to: ReplayState, from: readonly ReplayState[]): Promise<ReplayPlan> {
    await this.#ledger.refresh()
    const plan = this.#ledger.plan(id)
    const state = this.#ledger.state(id)
    if (from.includes(state)) return plan
    throw new MillraceError(
      'REPLAY_STATE',
      'fatal',
      `replay ${id} is ${state}: to make it ${to}, it must be ${from.join(' or ')}`,
    )
  }

  async #administer(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = this.#driver.admin()
    try {
      await work(admin)
    } finally {
      await admin.close()
    }
  }

  /** Leaves its replays and closes the connections. */
  async close(): Promise<void> {
    await this.leave()
    await this.#control.close()
    await this.#driver.close()
  }
}
