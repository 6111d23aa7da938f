import { Backoff } from '../core/backoff.ts'
import type { CollectorConfig } from './collector-options.ts'
import type { Intake, IntakeRecord } from './intake.ts'
import type { InputName, Tally } from './tally.ts'

/** Lines of a batch, which also ends at `batchBytesMax`. */
const batchLinesMax = 5000
const batchBytesMax = 1024 * 1024
const retry = Object.freeze({ initialMs: 100, maxMs: 5000 })

/**
 * Lines of senders that wait for no answer, in order: a batch is stored again until Kafka has it. What is here is
 * reserved in the intake, so that senders are stopped while Kafka does not take it.
 */
export class LineFeed {
  readonly #input: InputName
  readonly #intake: Intake
  readonly #tally: Tally
  readonly #config: CollectorConfig
  #lines: IntakeRecord[] = []
  #running: Promise<void> | undefined
  #deadlineMs = Number.POSITIVE_INFINITY
  #wake: (() => void) | undefined

  constructor(input: InputName, { intake, tally, config }: { intake: Intake; tally: Tally; config: CollectorConfig }) {
    this.#input = input
    this.#intake = intake
    this.#tally = tally
    this.#config = config
  }

  /** The line is reserved already. */
  add(line: IntakeRecord): void {
    this.#lines.push(line)
    this.#running ??= this.#run()
  }

  /** Resolves when all lines are stored, or at the deadline, when the rest is counted as not stored. */
  async close(timeoutMs: number): Promise<void> {
    this.#deadlineMs = this.#config.clock.monotonicMs() + timeoutMs
    this.#wake?.()
    await this.#running
  }

  async #run(): Promise<void> {
    // Lines of one turn go together.
    await Promise.resolve()
    while (this.#lines.length > 0) {
      const batch = this.#nextBatch()
      await this.#settle(batch)
      this.#intake.release(bytesOf(batch))
    }
    this.#running = undefined
  }

  /** Stores the lines, and counts what becomes of them. */
  async #settle(batch: readonly IntakeRecord[]): Promise<void> {
    const { clock } = this.#config
    const backoff = new Backoff(retry)
    for (let lines = batch; ; ) {
      lines = this.#fitting(lines)
      const leftMs = this.#deadlineMs - clock.monotonicMs()
      if (leftMs <= 0)
        return this.#tally.refuse(this.#input, 'not-stored', lines.length, 'the collector ended before Kafka took them')
      try {
        await this.#intake.store(lines)
        return this.#tally.accept(this.#input, lines.length)
      } catch {
        // The intake has logged why.
        await this.#pause(Math.min(leftMs, backoff.nextMs()))
      }
    }
  }

  /** Without lines that are too large, as a failed try may have shown: they would fail for all tries. */
  #fitting(lines: readonly IntakeRecord[]): readonly IntakeRecord[] {
    const bytesMax = this.#intake.recordBytesMax
    const fitting = lines.filter(({ value }) => value.length <= bytesMax)
    const refused = lines.length - fitting.length
    if (refused > 0) this.#tally.refuse(this.#input, 'too-large', refused, `a message of more than ${bytesMax} bytes`)
    return fitting
  }

  /** A drain does not wait for it. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#config.clock.setTimer(delayMs, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  #nextBatch(): readonly IntakeRecord[] {
    let bytes = 0
    let count = 0
    for (const { value } of this.#lines) {
      bytes += value.length
      if (count > 0 && (count === batchLinesMax || bytes > batchBytesMax)) break
      count++
    }
    return this.#lines.splice(0, count)
  }
}

/** What a line takes of the bound. */
export function lineBytes({ value }: IntakeRecord): number {
  return value.length + lineOverheadBytes
}

const lineOverheadBytes = 100

function bytesOf(lines: readonly IntakeRecord[]): number {
  return lines.reduce((sum, line) => sum + lineBytes(line), 0)
}
