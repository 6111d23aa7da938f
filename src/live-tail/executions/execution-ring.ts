import type { RecordBatch } from '../../kafka/record-batch.ts'

/** An execution as the topic of executions has it; what is not here is shown as it is. */
interface KnownExecution {
  readonly executionId: string
  readonly scenarioId: string
  readonly stages: readonly Readonly<Record<string, unknown>>[]
}

interface HeldExecution {
  readonly execution: KnownExecution
  readonly bytes: number
  /** Of its last change, among all changes that were read. */
  readonly sequence: number
}

/** Some executions without the data of their stages, and how much there is. */
export interface ExecutionList {
  /** Of the last change: `after` of the next request. */
  readonly sequence: number
  /** Those that changed since, the last first. */
  readonly executions: readonly Readonly<Record<string, unknown>>[]
  /** Executions that are held. */
  readonly held: number
  /** Whether there were more, which are not held any longer. */
  readonly isPart: boolean
  /** Records that are no executions. */
  readonly unreadable: number
}

export interface ExecutionRingLimits {
  readonly executionsMax: number
  readonly bytesMax: number
}

/** What only the whole execution has: its data, and who a person is. */
const leftOut: ReadonlySet<string> = new Set(['inputData', 'outputData', 'errorDetails', 'userId'])

/** The executions that changed last, each as it is now. */
export class ExecutionRing {
  readonly #limits: ExecutionRingLimits
  /** In the order of their last changes. */
  readonly #held = new Map<string, HeldExecution>()
  #bytes = 0
  #sequence = 0
  #isPart = false
  #unreadable = 0

  constructor(limits: ExecutionRingLimits) {
    this.#limits = limits
  }

  /** Takes the records of the topic of executions, in order. */
  take(batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const [key, value] = [batch.key(index), batch.value(index)]
      const execution = value === null ? undefined : executionOf(value)
      if (key === null || value === null || execution === undefined) this.#unreadable++
      else this.#put(Buffer.from(key).toString(), execution, value.length)
    }
  }

  /** Those that changed after `after`, at most so many. */
  list(after: number, limit: number): ExecutionList {
    const executions: Readonly<Record<string, unknown>>[] = []
    for (const [key, { execution, sequence }] of [...this.#held].toReversed()) {
      if (sequence <= after || executions.length === limit) break
      executions.push(summaryOf(key, execution))
    }
    const [sequence, held] = [this.#sequence, this.#held.size]
    return { sequence, executions, held, isPart: this.#isPart, unreadable: this.#unreadable }
  }

  /** The whole execution; undefined: it is not held. */
  find(key: string): unknown {
    return this.#held.get(key)?.execution
  }

  #put(key: string, execution: KnownExecution, bytes: number): void {
    this.#remove(key)
    this.#held.set(key, { execution, bytes, sequence: ++this.#sequence })
    this.#bytes += bytes
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#limits.executionsMax && this.#bytes <= this.#limits.bytesMax) break
      this.#remove(oldest)
      this.#isPart = true
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#held.get(key)?.bytes ?? 0
    this.#held.delete(key)
  }
}

function executionOf(value: Uint8Array): KnownExecution | undefined {
  try {
    const read = JSON.parse(Buffer.from(value).toString()) as Partial<KnownExecution> | null
    const isOne = typeof read?.executionId === 'string' && typeof read.scenarioId === 'string'
    if (!isOne || !Array.isArray(read.stages) || !read.stages.every(isStage)) return undefined
    // What is nested too deep can be read, and not written: it would end each answer that has it.
    JSON.stringify(read)
    return read as KnownExecution
  } catch {
    return undefined
  }
}

function isStage(stage: unknown): boolean {
  return typeof stage === 'object' && stage !== null
}

function summaryOf(key: string, { stages, ...execution }: KnownExecution): Readonly<Record<string, unknown>> {
  return { ...withoutData(execution), key, stages: stages.map(withoutData) }
}

function withoutData(members: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !leftOut.has(name)))
}
