import { Worker } from 'node:worker_threads'
import type { Timer } from '../../../core/clock.ts'
import { errorMessage } from '../../../core/errors.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import type { KeepaliveNews, KeepaliveReport, KeptMember, PlainClusterConfig } from './keepalive-messages.ts'

/** Parts of the shortest heartbeat interval: so often the thread hears that the event loop turns. */
const newsPerHeartbeat = 4

/**
 * Keeps members in their groups while a user function holds the event loop, and with it the heartbeats. A thread of its
 * own hears from the loop again and again; once it hears nothing it sends the heartbeats, for as long as the group
 * would wait for the member to poll, and ends the membership then, as Kafka's clients do. The thread starts with the
 * first membership, and keeps no process alive.
 */
export class Keepalive {
  readonly #config: ClusterConfig
  readonly #entry: URL | undefined
  readonly #members = new Map<() => KeptMember | undefined, (report: KeepaliveReport) => void>()
  #thread: Worker | undefined
  #isOff = false
  #timer: Timer | undefined
  /** So long a silence makes the thread act. */
  #silenceMs = Number.POSITIVE_INFINITY
  #toldAtMs = 0
  #isReporting = false

  constructor(config: ClusterConfig, entry: URL | undefined = threadEntry()) {
    this.#config = config
    this.#entry = entry
  }

  /**
   * `member` returns the current content of its heartbeats, undefined while it sends none. `onReplaced` is called after
   * the thread has replaced the event loop: answers were read by nobody. The returned function ends this.
   */
  keep(member: () => KeptMember | undefined, onReplaced: (report: KeepaliveReport) => void): () => void {
    this.#members.set(member, onReplaced)
    return () => {
      this.#members.delete(member)
      this.tell()
    }
  }

  /** The event loop was blocked, and what the thread did meanwhile is not known yet. */
  get isReporting(): boolean {
    return this.#isReporting
  }

  /** Call it when a member has changed; after that the change is sent automatically. */
  tell(): void {
    this.#timer?.cancel()
    const members = Array.from(this.#members.keys(), (member) => member()).filter((each) => each !== undefined)
    if (members.length > 0 && this.#thread === undefined) this.#start()
    if (this.#thread === undefined) return
    const { clock, tokens } = this.#config
    const isLate = clock.monotonicMs() - this.#toldAtMs > this.#silenceMs
    this.#isReporting ||= isLate
    this.#thread.postMessage({ members, token: tokens?.current ?? '', isLate } satisfies KeepaliveNews)
    this.#toldAtMs = clock.monotonicMs()
    this.#silenceMs = Number.POSITIVE_INFINITY
    if (members.length === 0) return
    const intervalMs = Math.min(...members.map(({ heartbeatIntervalMs }) => heartbeatIntervalMs))
    this.#silenceMs = intervalMs / 2
    this.#timer = clock.setTimer(intervalMs / newsPerHeartbeat, () => this.tell())
  }

  /** Ends the thread; the driver calls it when it is closed. */
  async close(): Promise<void> {
    this.#isOff = true
    this.#timer?.cancel()
    const thread = this.#thread
    this.#thread = undefined
    await thread?.terminate()
  }

  #start(): void {
    if (this.#isOff || this.#entry === undefined) return
    try {
      this.#thread = new Worker(this.#entry, { workerData: plain(this.#config), execArgv: [] })
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#thread.unref()
    this.#thread.on('message', (report: KeepaliveReport) => this.#hear(report))
    this.#thread.on('error', (error) => this.#fail(error))
  }

  #hear(report: KeepaliveReport): void {
    const { heldMs, heartbeats, failure, rejoined } = report
    this.#isReporting = false
    if (heartbeats === 0 && failure === undefined) return
    const fields = { heldMs: Math.round(heldMs), heartbeats, joins: rejoined.length, failure }
    this.#config.logger.info(fields, 'the event loop was blocked; the heartbeat thread sent its heartbeats')
    for (const onReplaced of this.#members.values()) onReplaced(report)
  }

  #fail(error: unknown): void {
    this.#thread = undefined
    this.#isReporting = false
    if (this.#isOff) return
    this.#isOff = true
    this.#timer?.cancel()
    const what =
      'heartbeats have no separate thread: a function that blocks the event loop for sessionTimeoutMs loses the tasks'
    this.#config.logger.warn({ reason: errorMessage(error) }, what)
  }
}

/**
 * Outside of this folder, as it makes an admin too. A thread runs JavaScript, which there is none of where the sources
 * themselves are run.
 */
function threadEntry(): URL | undefined {
  return import.meta.url.endsWith('.js') ? new URL('../keepalive-thread.js', import.meta.url) : undefined
}

function plain({ tokens: _tokens, clock: _clock, logger: _logger, sasl, ...rest }: ClusterConfig): PlainClusterConfig {
  if (sasl?.mechanism !== 'OAUTHBEARER') return { ...rest, sasl }
  const { token: _token, ...credentials } = sasl
  return { ...rest, sasl: credentials }
}
