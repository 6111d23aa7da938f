import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'

const everyMs = 1000
/** A state about which nothing could be decided is looked at again after this time. */
const failedWaitMs = 60_000

/** What a `NoticeProcessor` is given by whoever makes decisions. */
export interface NoticeDecisions<Input, State, Output> {
  /** Called once, before anything else. */
  open(context: ProcessorContext<string, Output>): void
  /** Looks at a state that the last owner has left. What it returns is forwarded with the commit; with something, the state is changed. */
  begin(state: State, nowMs: number): readonly Output[]
  /** A state without anything; undefined: the input needs a state that is there. */
  create(key: string, input: Input): State | undefined
  take(state: State, input: Input, nowMs: number): void
  isDue(state: State, nowMs: number): boolean
  advance(state: State, nowMs: number): void
  /** When it has to be advanced, epoch milliseconds; null: not before something comes. */
  wakeMs(state: State): number | null
  hasOutputs(state: State): boolean
  /** Gives out all that was decided. */
  release(state: State): readonly Output[]
  /** Whether nothing would be lost without the state. */
  isOver(state: State): boolean
}

/**
 * Keeps a state per key, decides at each record and each second, and forwards what is decided after the commit that makes
 * the decision durable.
 *
 * Within an interval a state that something happens to is held as an object; before the commit it becomes a row. Between
 * intervals only the time is held at which each state has to be advanced.
 */
export class NoticeProcessor<Input, State, Output> implements Processor<string, Input, string, Output> {
  readonly #decisions: NoticeDecisions<Input, State, Output>
  readonly #storeName: string
  #context!: ProcessorContext<string, Output>
  #store!: KeyValueStore<string, State>
  /** States of this interval. */
  readonly #held = new Map<string, State>()
  /** Keys of states that are to be written. */
  readonly #changed = new Set<string>()
  /** When states have to be advanced. */
  readonly #wakes = new Map<string, number>()
  /** Keys of rows with something to release. */
  readonly #decided = new Set<string>()
  /** What the states of the last owner give others. */
  readonly #begun: { readonly key: string; readonly value: Output }[] = []
  /** When the clock was looked at for all states. */
  #lookedMs = 0

  constructor(storeName: string, decisions: NoticeDecisions<Input, State, Output>) {
    this.#storeName = storeName
    this.#decisions = decisions
  }

  /** What the last owner has decided and not released is released after a commit. */
  init(context: ProcessorContext<string, Output>): void {
    this.#context = context
    this.#store = context.getStateStore<KeyValueStore<string, State>>(this.#storeName)
    this.#decisions.open(context)
    this.#lookedMs = context.currentSystemTimeMs()
    for (const { key, value: state } of this.#store.all()) {
      const outputs = this.#decisions.begin(state, this.#lookedMs)
      if (outputs.length > 0) {
        this.#begun.push(...outputs.map((value) => ({ key, value })))
        this.#held.set(key, state)
        this.#changed.add(key)
      }
      this.#noteWake(key, this.#decisions.isDue(state, this.#lookedMs) ? this.#lookedMs : this.#decisions.wakeMs(state))
      if (this.#decisions.hasOutputs(state)) this.#decided.add(key)
    }
    if (this.#decided.size > 0 || this.#begun.length > 0) context.commit()
    const states = context.metrics.gauge(this.#storeName)
    context.schedule(everyMs, 'wall-clock-time', () => {
      this.#advanceDue(context.currentSystemTimeMs())
      states.set(this.#wakes.size)
    })
  }

  process({ key, value }: StreamRecord<string, Input>): void {
    const nowMs = this.#context.currentSystemTimeMs()
    const state = this.#stateOf(key) ?? this.#decisions.create(key, value)
    if (state === undefined) return
    this.#held.set(key, state)
    this.#decisions.take(state, value, nowMs)
    // Each record by itself, as they come when nobody was down.
    if (this.#decisions.isDue(state, nowMs)) this.#decisions.advance(state, nowMs)
    this.#note(key, state)
  }

  /** What the states of the last owner give others leaves before the states forget it: a crash in between repeats it. */
  beforeCommit(): void {
    const timestamp = this.#context.currentSystemTimeMs()
    for (const output of this.#begun.splice(0)) this.#context.forward({ ...output, timestamp })
    for (const key of this.#changed) this.#write(key, this.#held.get(key) as State)
    this.#changed.clear()
    this.#held.clear()
  }

  afterCommit(): void {
    const timestamp = this.#context.currentSystemTimeMs()
    for (const key of this.#decided) {
      const state = this.#store.get(key)
      if (state === undefined) continue
      const outputs = this.#decisions.release(state)
      this.#write(key, state)
      for (const value of outputs) this.#context.forward({ key, value, timestamp })
    }
    // Until the next commit, a crash sends all of it again.
    if (this.#decided.size > 0) this.#context.commit()
    this.#decided.clear()
  }

  #stateOf(key: string): State | undefined {
    return this.#held.get(key) ?? this.#store.get(key)
  }

  #advanceDue(nowMs: number): void {
    // Where the clock was set back, each state knows what that means for it.
    const isSetBack = nowMs < this.#lookedMs
    this.#lookedMs = nowMs
    const failures: unknown[] = []
    for (const [key, wakeMs] of this.#wakes) {
      if (nowMs < wakeMs && !isSetBack) continue
      try {
        this.#advance(key, nowMs)
      } catch (error) {
        // It holds up nobody else, and is not tried each second.
        this.#wakes.set(key, nowMs + failedWaitMs)
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  #advance(key: string, nowMs: number): void {
    const state = this.#stateOf(key)
    if (state === undefined || !this.#decisions.isDue(state, nowMs)) return
    this.#held.set(key, state)
    this.#decisions.advance(state, nowMs)
    this.#note(key, state)
  }

  /** A decision does not wait for the interval of commits. */
  #note(key: string, state: State): void {
    this.#changed.add(key)
    this.#noteWake(key, this.#decisions.wakeMs(state))
    if (this.#decisions.hasOutputs(state)) this.#context.commit()
  }

  #noteWake(key: string, wakeMs: number | null): void {
    this.#wakes.set(key, wakeMs ?? Number.POSITIVE_INFINITY)
  }

  #write(key: string, state: State): void {
    if (this.#decisions.hasOutputs(state)) this.#decided.add(key)
    if (this.#decisions.isOver(state)) {
      this.#wakes.delete(key)
      this.#store.delete(key)
    } else this.#store.put(key, state)
  }
}
