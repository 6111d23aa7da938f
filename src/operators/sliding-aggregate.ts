import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import type { TimestampedWindowStore, ValueAndTimestamp, WindowEntry } from '../stores/port.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import { type ForwardClosed, WindowedResults } from './windowed-results.ts'

type Row = ValueAndTimestamp<unknown>

/** The record that is processed, and the time at which windows are closed for it. */
interface Input {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly headers: Headers
  readonly closeMs: number
}

/** The windows around a record: which exist, and the aggregates that its own windows start from. */
interface Surroundings {
  readonly startsMs: Set<number>
  /** Timestamp of the record before this one of the same key. */
  previousMs: number | undefined
  /** Aggregate of a window that ends before the record and holds the previous one. */
  left: Row | undefined
  /** Aggregate of the window that starts last at or before the record and ends after it. */
  right: Row | undefined
  hasLeftWindow: boolean
  hasRightWindow: boolean
}

/**
 * The sliding-aggregate operator keeps one aggregate per key and sliding window [start, start + difference], both ends
 * inclusive. Windows come from records: each record opens the window that ends with it and, as soon as a later record
 * is within the difference, the window that starts one millisecond after it. The timestamp of a row is that of the
 * latest record in its window; by it the neighbors of a window are found. Records with a timestamp below the difference
 * share the window [0, difference]. Records with a null key or value are dropped. Equals Java's
 * KStreamSlidingWindowAggregate.
 */
export class SlidingAggregateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'sliding-aggregate'>
  readonly #aggregation: Aggregation
  #store!: TimestampedWindowStore<unknown, unknown>
  #results!: WindowedResults

  constructor(spec: SpecOf<'sliding-aggregate'>) {
    super()
    this.#spec = spec
    this.#aggregation = compileAggregation(spec.aggregation)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#store = context.store(this.#spec.store) as TimestampedWindowStore<unknown, unknown>
    this.#results = new WindowedResults(context, this.#spec, {
      values: 'timestamped',
      closeDelayMs: this.#spec.graceMs,
      closedRange: (forward) => closedRange(this.#store, this.#spec.timeDifferenceMs, forward),
    })
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null || value == null) {
      this.context.dropped('null key or value')
      return
    }
    const closeMs = this.#results.advance(timestamp, headers)
    const { timeDifferenceMs } = this.#spec
    if (timestamp + timeDifferenceMs < closeMs) {
      this.#results.late.refused(1, key, value, timestamp, headers)
      return
    }
    if (timeDifferenceMs === 0) throw this.#emptyWindow()
    const input = { key, value, timestamp, headers, closeMs }
    if (timestamp < timeDifferenceMs) {
      this.#processEarly(input)
      return
    }
    this.#processUsual(input)
    this.#results.emitClosed(closeMs, headers)
  }

  #emptyWindow(): MillraceError {
    return new MillraceError(
      'EMPTY_WINDOW',
      'record',
      `${this.context.nodeName} has sliding windows with a time difference of 0 ms, which are always empty: make the difference at least 1 ms`,
      { details: { operator: this.context.nodeName, taskId: this.context.taskId } },
    )
  }

  /**
   * Updates the windows that hold the record, then opens those that it makes: after the previous record, the one that
   * ends with it, and the one after it.
   */
  #processUsual(input: Input): void {
    const around = surroundings()
    if (!this.#updateExisting(input, around)) return
    const { timestamp } = input
    const { timeDifferenceMs } = this.#spec
    const { previousMs } = around
    if (previousMs !== undefined && previousMs + 1 + timeDifferenceMs >= timestamp) {
      if (!around.startsMs.has(previousMs + 1)) this.#update(input, previousMs + 1, this.#initialRow(input))
    }
    if (!around.hasLeftWindow) {
      const isAlone = previousMs === undefined || previousMs < timestamp - timeDifferenceMs
      const row =
        isAlone || around.left === undefined ? this.#initialRow(input) : { value: around.left.value, timestamp }
      this.#update(input, timestamp - timeDifferenceMs, row)
    }
    this.#openRightWindow(input, around)
  }

  /**
   * Adds the record to the windows that hold it, latest start first. False when the window that ends with the record
   * holds another of the same time: then all its windows exist.
   */
  #updateExisting(input: Input, around: Surroundings): boolean {
    const { timestamp } = input
    const { timeDifferenceMs } = this.#spec
    for (const { startMs, value: row } of this.#windowsAround(input)) {
      const endMs = startMs + timeDifferenceMs
      around.startsMs.add(startMs)
      if (startMs === timestamp + 1) {
        around.hasRightWindow = true
      } else if (endMs > timestamp) {
        around.right ??= row
        this.#update(input, startMs, row)
      } else if (endMs === timestamp) {
        around.hasLeftWindow = true
        this.#update(input, startMs, row)
        if (row.timestamp >= timestamp) return false
        around.previousMs = row.timestamp
      } else {
        around.left = row
        around.previousMs = row.timestamp
      }
    }
    return true
  }

  /** Windows that may hold the record, its right window, and the latest that ends before it; read before any write. */
  #windowsAround({ key, timestamp }: Input): readonly WindowEntry<Row>[] {
    const { timeDifferenceMs } = this.#spec
    const entries: WindowEntry<Row>[] = []
    for (const entry of this.#store.backwardFetch(key, Math.max(0, timestamp - 2 * timeDifferenceMs), timestamp + 1)) {
      entries.push(entry)
      if (entry.startMs + timeDifferenceMs < timestamp) break
    }
    return entries
  }

  /**
   * A record with a timestamp below the difference: windows would start before 0, so it shares the window that starts
   * there.
   */
  #processEarly(input: Input): void {
    const { key, timestamp } = input
    const around = surroundings()
    let combined: Row | undefined
    for (const { startMs, value: row } of [...this.#store.fetch(key, 0, timestamp + 1)]) {
      around.startsMs.add(startMs)
      if (startMs === 0) {
        combined = row
        if (row.timestamp < timestamp) around.previousMs = row.timestamp
      } else if (startMs <= timestamp) {
        around.right = row
        this.#update(input, startMs, row)
      } else {
        around.hasRightWindow = true
      }
    }
    if (around.right === undefined && combined !== undefined && combined.timestamp > timestamp) around.right = combined
    this.#openRightWindow(input, around)
    const { previousMs } = around
    if (previousMs !== undefined && !around.startsMs.has(previousMs + 1)) {
      this.#update(input, previousMs + 1, this.#initialRow(input))
    }
    this.#update(input, 0, combined ?? this.#initialRow(input))
  }

  /** The window after the record starts as a copy of the one around it; the record itself is not in it. */
  #openRightWindow({ key, timestamp, headers }: Input, { right, hasRightWindow }: Surroundings): void {
    if (hasRightWindow || right === undefined || right.timestamp <= timestamp) return
    this.enter(timestamp, headers)
    this.#store.put(key, right, timestamp + 1)
    this.#forward(key, timestamp + 1, right.value, null, right.timestamp, headers)
  }

  /** Adds the record to one window, unless that is closed; `row` is the aggregate to start from. */
  #update({ key, value, timestamp, headers, closeMs }: Input, startMs: number, row: Row | undefined): void {
    if (startMs + this.#spec.timeDifferenceMs < closeMs) {
      this.context.dropped('expired window')
      return
    }
    this.enter(timestamp, headers)
    const oldAggregate = row === undefined ? null : row.value
    const newAggregate = this.#aggregation.add(key, value, oldAggregate)
    const newTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
    this.#store.put(key, newAggregate == null ? null : { value: newAggregate, timestamp: newTimestamp }, startMs)
    this.#forward(key, startMs, newAggregate, oldAggregate, newTimestamp, headers)
  }

  /** The row of a window before its first record; undefined where the aggregation starts from nothing. */
  #initialRow({ timestamp }: Input): Row | undefined {
    const value = this.#aggregation.initialize()
    return value == null ? undefined : { value, timestamp }
  }

  #forward(
    key: unknown,
    startMs: number,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    headers: Headers,
  ): void {
    const { updates } = this.#results
    if (updates === undefined || updates.isCached) return
    const windowed = { key, window: { startMs, endMs: startMs + this.#spec.timeDifferenceMs } }
    updates.forward(windowed, newValue, oldValue, 'latest', timestamp, headers)
  }
}

/** The scan is by window start; ends are inclusive. */
function closedRange(
  store: TimestampedWindowStore<unknown, unknown>,
  timeDifferenceMs: number,
  forward: ForwardClosed,
): ClosedRange {
  return {
    lowerMs: (lastCloseMs) => (lastCloseMs === undefined ? 0 : Math.max(0, lastCloseMs - timeDifferenceMs)),
    upperMs: (closeMs) => closeMs - timeDifferenceMs - 1,
    isWorthScanning: () => true,
    emit: (lowerMs, upperMs, headers) => {
      for (const { key, value } of store.fetchAll(lowerMs, upperMs)) {
        forward(key, value.value, value.timestamp, headers)
      }
    },
  }
}

function surroundings(): Surroundings {
  return {
    startsMs: new Set(),
    previousMs: undefined,
    left: undefined,
    right: undefined,
    hasLeftWindow: false,
    hasRightWindow: false,
  }
}
