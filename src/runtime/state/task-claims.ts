import { MillraceError } from '../../core/errors.ts'
import type { TaskId } from '../../kafka/port.ts'

const entriesMax = 16_384
const [keyField, holderField, damagedField, usesField, fields] = [0, 1, 2, 3, 4] as const
const partitionBits = 20
const deathAt = entriesMax * fields
/** A multiplier that spreads neighbors. */
const spread = 0x9e3779b1

/**
 * Who has the directory of a task, and whether a thread has died, in memory that the threads of a process share: a worker
 * thread answers to nobody within a task's opening, so each takes a directory by one atomic exchange. An entry is never
 * removed; a process has no more of them than its topology has tasks.
 */
export class TaskClaims {
  /** To be passed to the other threads of the process. */
  readonly memory: SharedArrayBuffer
  readonly #entries: Int32Array
  readonly #holder: number

  /** `holder`: the number of this thread, above 0; 0 is nobody. */
  constructor(holder: number, memory = new SharedArrayBuffer((deathAt + 1) * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#entries = new Int32Array(memory)
    this.#holder = holder
  }

  /** False while another thread has it. */
  take(task: TaskId): boolean {
    const at = this.#entryOf(task)
    const before = Atomics.compareExchange(this.#entries, at + holderField, 0, this.#holder)
    if (before !== 0 && before !== this.#holder) return false
    if (before === 0) Atomics.add(this.#entries, at + usesField, 1)
    return true
  }

  free(task: TaskId): void {
    Atomics.compareExchange(this.#entries, this.#entryOf(task) + holderField, this.#holder, 0)
  }

  /** Everything that a thread had, after it has ended. */
  freeAllOf(holder: number): void {
    for (let at = 0; at < deathAt; at += fields) Atomics.compareExchange(this.#entries, at + holderField, holder, 0)
  }

  /** A thread has ended by itself. */
  noteDeath(): void {
    Atomics.store(this.#entries, deathAt, 1)
  }

  /** A thread of the process has ended by itself, whichever. */
  get hasSeenDeath(): boolean {
    return Atomics.load(this.#entries, deathAt) === 1
  }

  /** How often it was taken: another number says that somebody had it in between. */
  usesOf(task: TaskId): number {
    return Atomics.load(this.#entries, this.#entryOf(task) + usesField)
  }

  isDamaged(task: TaskId): boolean {
    return Atomics.load(this.#entries, this.#entryOf(task) + damagedField) === 1
  }

  noteDamaged(task: TaskId, isDamaged: boolean): void {
    Atomics.store(this.#entries, this.#entryOf(task) + damagedField, isDamaged ? 1 : 0)
  }

  /** Where its fields begin; made when it is asked for first. */
  #entryOf({ subtopology, partition }: TaskId): number {
    const key = ((subtopology + 1) << partitionBits) + partition
    let index = Math.imul(key, spread) >>> 18
    for (let tried = 0; tried < entriesMax; tried++, index++) {
      const at = (index % entriesMax) * fields
      const found = Atomics.compareExchange(this.#entries, at + keyField, 0, key)
      if (found === 0 || found === key) return at
    }
    const sentence = `a process cannot keep the state of more than ${entriesMax} tasks: run more processes`
    throw new MillraceError('STATE_DIRECTORY_UNUSABLE', 'fatal', sentence)
  }
}
