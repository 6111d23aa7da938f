import type { Timer } from '../core/clock.ts'
import { consequenceOf, errorMessage, MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { ignoreRejection } from '../core/no-promise.ts'
import { letGo, type Origin } from '../stores/record-context.ts'
import type { BufferedContext } from '../stores/port.ts'
import type { KeptRecord } from '../stores/record-context.ts'
import type { AsyncOperator } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/** Between a call that fails with a retriable error and the next try. */
const retryAfterMs = 200

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** One record whose value is being mapped, from `process` until its outcome went downstream. */
interface Call {
  readonly identity: unknown
  readonly key: unknown
  readonly value: unknown
  readonly context: BufferedContext
  /** For the dead letter of an outcome that fails. */
  readonly kept: KeptRecord | undefined
  /** Keys do not wait for each other: outcomes of one record may come in any order. */
  readonly origin: Origin
  attempts: number
  outcome: Outcome | undefined
  timer: Timer | undefined
  /** Of the current attempt. */
  abort: AbortController | undefined
  /** The next call of the same key. */
  next: Call | undefined
  /** No earlier call of the key is pending: the result may be forwarded as soon as it arrives. */
  isFirst: boolean
}

/**
 * The async-map-values operator (extension) maps values with promises, at most `concurrencyMax` in flight. Results of
 * one key are forwarded in order; keys do not wait for each other. A call that takes longer than `timeoutMs` fails with
 * ASYNC_MAP_TIMEOUT (record), and its late result is ignored. A call that rejects with a retriable error is made again
 * after 200 ms. A call that fails rejects its own record, whichever record the task is at by then. It is forgotten only
 * after its outcome went downstream. When outcomes run downstream is the contract of `AsyncOperator`; null keys and
 * values reach the mapper.
 */
export class AsyncMapValuesOperator extends ForwardingOperator implements AsyncOperator {
  readonly #spec: SpecOf<'async-map-values'>
  readonly #calls = new Set<Call>()
  readonly #lastOfKey = new Map<unknown, Call>()
  readonly #waiting: Call[] = []
  readonly #ready: Call[] = []
  #underWay = 0
  #number = 0
  #lastContext: BufferedContext | undefined
  #lastAbove: Origin | undefined
  #wake: () => void = () => {}

  constructor(spec: SpecOf<'async-map-values'>) {
    super()
    this.#spec = spec
  }

  get isFull(): boolean {
    return this.#calls.size >= this.#spec.concurrencyMax
  }

  pending(): number {
    return this.#calls.size
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { topic, partition, offset } = this.record
    const identity = identityOf(key)
    const previous = this.#lastOfKey.get(identity)
    const context = { topic, partition, offset, timestamp, headers }
    const call: Call = {
      identity,
      key,
      value,
      context,
      kept: this.context.keepRecord(),
      origin: this.#originOf(context),
      attempts: 0,
      outcome: undefined,
      timer: undefined,
      abort: undefined,
      next: undefined,
      isFirst: previous === undefined,
    }
    if (previous !== undefined) previous.next = call
    this.#lastOfKey.set(identity, call)
    this.#calls.add(call)
    if (this.#underWay < this.#spec.concurrencyMax) this.#start(call)
    else this.#waiting.push(call)
  }

  pump(): void {
    for (let call = this.#ready[0]; call !== undefined; call = this.#ready[0]) {
      try {
        this.#handOn(call)
      } catch (error) {
        // The outcome stays the next one: nothing else would bring the record back.
        if (consequenceOf(error) === 'retriable') throw error
        this.#closeBooks(call)
        throw error
      }
      this.#closeBooks(call)
    }
  }

  async drain(timeoutMs: number): Promise<void> {
    let isLate = false
    const deadline = this.context.time.clock.setTimer(timeoutMs, () => {
      isLate = true
      this.#wake()
    })
    try {
      for (this.pump(); this.#calls.size > 0; this.pump()) {
        if (isLate) throw this.#notDrained(timeoutMs)
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      deadline.cancel()
    }
  }

  override close(): void {
    const calls = [...this.#calls]
    this.#calls.clear()
    for (const call of calls) {
      call.timer?.cancel()
      if (call.outcome === undefined) call.abort?.abort(this.#closed())
    }
    this.#lastOfKey.clear()
    this.#waiting.length = 0
    this.#ready.length = 0
    this.#wake()
  }

  #start(call: Call): void {
    this.#underWay++
    this.#ask(call)
  }

  #ask(call: Call): void {
    const { timeoutMs, mapper } = this.#spec
    const attempt = ++call.attempts
    const settle = (outcome: Outcome): void => this.#settle(call, attempt, outcome)
    const abort = new AbortController()
    call.abort = abort
    call.timer = this.context.time.clock.setTimer(timeoutMs, () => {
      const error = this.#timedOut()
      settle({ error })
      abort.abort(error)
    })
    const { timestamp, headers } = call.context
    try {
      mapper(call.key, call.value, { timestamp, headers, signal: abort.signal }).then(
        (value) => settle({ value }),
        (error: unknown) => settle({ error }),
      )
    } catch (error) {
      ignoreRejection(error)
      settle({ error })
    }
  }

  /** Takes the first outcome of the current attempt; later ones, and those of closed calls, are ignored. */
  #settle(call: Call, attempt: number, outcome: Outcome): void {
    if (call.outcome !== undefined || call.attempts !== attempt || !this.#calls.has(call)) return
    call.timer?.cancel()
    if ('error' in outcome && consequenceOf(outcome.error) === 'retriable') {
      this.#askAgain(call, outcome.error)
      return
    }
    call.outcome = outcome
    this.#underWay--
    if (call.isFirst) this.#ready.push(call)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#start(next)
    this.#wake()
  }

  /** Waits and calls again; the commit that waits for the outcome gives up after `taskTimeoutMs`. */
  #askAgain(call: Call, error: unknown): void {
    const { logger, nodeName, time } = this.context
    const { clock } = time
    if (call.attempts === 1)
      logger.warn({ node: nodeName, error: errorMessage(error) }, 'asynchronous call failed, retrying')
    // Whatever else this attempt says comes too late.
    call.attempts++
    call.timer = clock.setTimer(retryAfterMs, () => this.#ask(call))
  }

  /** Runs one outcome downstream, with the record context of its record. */
  #handOn({ key, context, kept, outcome, origin }: Call): void {
    this.adopt(context)
    this.record.kept = kept
    if (outcome === undefined) return
    if ('error' in outcome) {
      // The handler must not mistake the task's current record for the one that failed.
      if (origin.isOfNoRecord) Object.assign(this.record, { topic: '', partition: -1, offset: -1 })
      throw outcome.error
    }
    letGo(this.record, origin, () => this.output.process(key, outcome.value, context.timestamp, context.headers))
  }

  /** Forgets the first call that is ready, and makes the next call of its key ready. */
  #closeBooks(call: Call): void {
    const { identity, next } = call
    this.#ready.shift()
    this.#calls.delete(call)
    if (next === undefined) {
      this.#lastOfKey.delete(identity)
    } else {
      next.isFirst = true
      if (next.outcome !== undefined) this.#ready.push(next)
    }
  }

  /** Calls of one record differ by a number, so that their results get identities of their own. */
  #originOf(context: BufferedContext): Origin {
    const above = this.record.origin
    const last = this.#lastContext
    const isNext =
      above === this.#lastAbove &&
      last?.offset === context.offset &&
      last.partition === context.partition &&
      last.topic === context.topic
    this.#number = isNext ? this.#number + 1 : 0
    this.#lastContext = context
    this.#lastAbove = above
    const held = above === undefined ? [this.#number] : [this.#number, above.holder, above.held]
    return {
      holder: this.context.nodeName,
      held,
      scope: above?.scope ?? 'record',
      isOfNoRecord: above?.isOfNoRecord,
    }
  }

  #timedOut(): MillraceError {
    const { nodeName } = this.context
    return new MillraceError(
      'ASYNC_MAP_TIMEOUT',
      'record',
      `the mapper of ${nodeName} took longer than ${this.#spec.timeoutMs} ms: raise timeoutMs or bound the call itself`,
      { details: { operator: nodeName } },
    )
  }

  #closed(): MillraceError {
    const { nodeName } = this.context
    return new MillraceError(
      'ASYNC_MAP_CLOSED',
      'retriable',
      `${nodeName} was closed before the mapper was done: the record is mapped again by the next owner of its task`,
      { details: { operator: nodeName } },
    )
  }

  #notDrained(timeoutMs: number): MillraceError {
    const { nodeName } = this.context
    return new MillraceError(
      'ASYNC_NOT_DRAINED',
      'retriable',
      `${nodeName} still awaits ${this.#calls.size} results after ${timeoutMs} ms: the commit waits for them`,
      { details: { operator: nodeName } },
    )
  }
}

/** Keys with equal identity keep their order; two keys that share one by accident only wait for each other. */
function identityOf(key: unknown): unknown {
  if (typeof key !== 'object' || key === null) return key
  return key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : JSON.stringify(key)
}
