import { type SequenceOptions, sequenceSettings } from './sequence-options.ts'

/** A step as a store keeps it: plain data. */
export interface StepRow {
  /** Ids of events that came one after another. '' is the beginning or the end of a sequence. */
  readonly events: readonly string[]
  /** How many learned sequences had it. */
  readonly sequences: number
}

/** A step of a sequence that few learned sequences had. */
export interface RareStep extends StepRow {
  /** The place of its last event in the sequence; the length of the sequence where that is its end. */
  readonly at: number
}

/** What has changed since the last time. */
export interface StepChanges {
  /** The rows of steps that are new or changed. */
  readonly rows: readonly StepRow[]
  /** Steps that made room. */
  readonly removed: readonly (readonly string[])[]
}

/** Ids have no line ends. */
const separator = '\n'
const edge = ''
/** When steps have to make room, this share of them does. */
const roomShare = 16

/**
 * Learns which events, such as templates of log lines, follow each other in sequences, such as the lines of a trace or of one
 * run of a component, and finds the steps of a sequence that few others had. Memory is bounded. A model that is made from
 * the rows of another continues as the other would have.
 *
 * @example
 * ```ts
 * const model = new SequenceModel()
 * for (let order = 0; order < 10; order++) model.learn(['taken', 'paid', 'sent'])
 * model.rareSteps(['taken', 'sent']) // [{ events: ['taken', 'sent'], sequences: 0, at: 1 }]
 * ```
 */
export class SequenceModel {
  readonly #settings: Required<SequenceOptions>
  /** By the ids of their events: how many sequences had them. */
  readonly #steps = new Map<string, number>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()

  /** `rows`: what another model knew, in any order; none by default. Throws INVALID_SETTINGS with all that is wrong with the options. */
  constructor(options: SequenceOptions = {}, rows: Iterable<StepRow> = []) {
    this.#settings = sequenceSettings(options)
    for (const { events, sequences } of rows) this.#steps.set(events.join(separator), sequences)
  }

  /** How many different steps are known. */
  get size(): number {
    return this.#steps.size
  }

  /** Takes a whole sequence as a usual one: the ids of its events, in their order. */
  learn(sequence: readonly string[]): void {
    for (const step of new Set(this.#stepsOf(sequence))) {
      const known = this.#steps.get(step)
      if (known === undefined && this.#steps.size >= this.#settings.stepsMax) this.#makeRoom()
      this.#steps.set(step, (known ?? 0) + 1)
      this.#changed.add(step)
      this.#removed.delete(step)
    }
  }

  /** The steps of a whole sequence that are rare, in their order. None: it is as usual. */
  rareSteps(sequence: readonly string[]): readonly RareStep[] {
    const { rareBelow, stepEvents } = this.#settings
    const first = Math.max(0, stepEvents - 2)
    return this.#stepsOf(sequence).flatMap((step, index) => {
      const sequences = this.#steps.get(step) ?? 0
      return sequences < rareBelow ? [{ events: step.split(separator), sequences, at: index + first }] : []
    })
  }

  /** An event has another id from now on, as a template that was widened. */
  rename(previousId: string, id: string): void {
    for (const [step, sequences] of [...this.#steps]) {
      const events = step.split(separator)
      if (!events.includes(previousId)) continue
      const renamed = events.map((event) => (event === previousId ? id : event)).join(separator)
      this.#remove(step)
      this.#steps.set(renamed, (this.#steps.get(renamed) ?? 0) + sequences)
      this.#changed.add(renamed)
      this.#removed.delete(renamed)
    }
  }

  /** What has changed since the last call. */
  takeChanges(): StepChanges {
    const rows = Array.from(this.#changed, (step) => {
      return { events: step.split(separator), sequences: this.#steps.get(step) ?? 0 }
    })
    const removed = Array.from(this.#removed, (step) => step.split(separator))
    this.#changed.clear()
    this.#removed.clear()
    return { rows, removed }
  }

  /** One sequence that is shorter than a step, with its beginning and end, is one step. */
  #stepsOf(sequence: readonly string[]): readonly string[] {
    const { stepEvents } = this.#settings
    const events = [edge, ...sequence, edge]
    const count = Math.max(1, events.length - stepEvents + 1)
    return Array.from({ length: count }, (_, index) => events.slice(index, index + stepEvents).join(separator))
  }

  /** Of steps that equally many sequences had, the order of their ids decides: it is the same after a restart. */
  #makeRoom(): void {
    const rarest = [...this.#steps].sort(([left, fewer], [right, more]) => fewer - more || (left < right ? -1 : 1))
    const room = Math.ceil(this.#settings.stepsMax / roomShare)
    for (const [step] of rarest.slice(0, room)) this.#remove(step)
  }

  #remove(step: string): void {
    this.#steps.delete(step)
    this.#changed.delete(step)
    this.#removed.add(step)
  }
}
