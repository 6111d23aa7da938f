import { MillraceError } from '../core/errors.ts'
import type { SinkFactory } from '../sinks/port.ts'
import type { SinkVersion } from '../sinks/sink-version.ts'
import type { ReplayLedger } from './ledger.ts'
import { versionedTopics } from './outputs.ts'
import { closedRange, type ReplayPlan } from './plan.ts'
import { versionedSinks, versionOf } from './versioned-sinks.ts'

/** A sink whose documents can be put in place. */
interface PlacedSink {
  readonly name: string
  readonly version: SinkVersion
}

/**
 * Puts what a replay wrote in place of the live outputs, and takes it back. What was there before is in the control
 * topic before anything changes, so that each of the two may be repeated after a crash.
 */
export class CutOver {
  readonly #plan: ReplayPlan
  readonly #ledger: ReplayLedger
  readonly #sinks: readonly SinkFactory[]

  constructor(plan: ReplayPlan, ledger: ReplayLedger, sinks: readonly SinkFactory[]) {
    this.#plan = plan
    this.#ledger = ledger
    this.#sinks = sinks
  }

  /** Resolves with a sentence for each output whose readers have to be changed by hand. */
  async putInPlace(): Promise<readonly string[]> {
    const { id, outputs } = this.#plan
    const left: string[] = []
    for (const { name, version } of this.#placed(left)) {
      const known = this.#ledger.placedIndices(name)
      const isRepeated = known?.id === id
      const before = isRepeated ? known.before : await version.inPlace()
      if (before === undefined) {
        left.push(byHand(name))
        continue
      }
      if (!isRepeated) await this.#ledger.placeIndices(name, { id, before, under: known })
      await version.putInPlace(closedRange(this.#plan), before)
    }
    for (const { name, target } of versionedTopics(outputs)) {
      const before = this.#ledger.pointer(name)
      if (before?.id !== id) await this.#ledger.point(name, { topic: target, id, before })
    }
    return left
  }

  /** Rejects with REPLAY_STATE where another replay is in place over this one: nothing changes then. */
  async takeBack(): Promise<void> {
    const { id, outputs } = this.#plan
    this.#checkOnTop()
    for (const { name, version } of this.#placed([])) {
      const known = this.#ledger.placedIndices(name)
      if (known?.id !== id) continue
      await version.takeBack(known.before)
      await this.#ledger.placeIndices(name, known.under)
    }
    for (const { name } of versionedTopics(outputs)) {
      const pointer = this.#ledger.pointer(name)
      if (pointer?.id === id) await this.#ledger.point(name, pointer.before)
    }
  }

  #placed(left: string[]): readonly PlacedSink[] {
    return versionedSinks(this.#plan.outputs).flatMap((output) => {
      const version = versionOf(output, this.#plan, this.#sinks)
      if (version !== undefined) return [{ name: output.name, version }]
      left.push(byHand(output.name))
      return []
    })
  }

  #checkOnTop(): void {
    const { id, outputs } = this.#plan
    const others = [
      ...versionedTopics(outputs).map(({ name }) => this.#ledger.pointer(name)),
      ...versionedSinks(outputs).map(({ name }) => this.#ledger.placedIndices(name)),
    ]
    for (let row of others) {
      const top = row?.id
      while (row !== undefined && row.id !== id) row = 'topic' in row ? row.before : row.under
      if (row === undefined || top === id) continue
      throw new MillraceError(
        'REPLAY_STATE',
        'fatal',
        `replay ${id} cannot be taken back: ${top} was put in place after it, so revert ${top} first`,
      )
    }
  }
}

function byHand(name: string): string {
  return `${name}: its readers do not follow an alias, so they find the documents of the replay only where you tell them to look`
}
