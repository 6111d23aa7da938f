import type { AlertState, RulePlan } from '../../src/alerts/index.ts'
import type { KeyValueStore } from '../../src/index.ts'

/** A state as its store keeps it. */
export interface StoredAlert {
  /** What the state was made for: another rule of the same name cannot read it. */
  readonly form: string
  /** The fields that the rule groups by. */
  readonly fields: readonly string[]
  readonly state: AlertState
}

/** The name of the rule whose alert has the key. */
export function ruleOf(key: string): string {
  const end = key.indexOf('{')
  return end === -1 ? key : key.slice(0, end)
}

type StateOption = 'kind' | 'measure' | 'field' | 'bad' | 'steps' | 'rules'

/** What a state of the rule depends on: what it has counted or learned of something else would be read wrongly. */
export function formOf({ definition, everyMs }: RulePlan): string {
  const { kind, measure, field, bad, steps, rules } = definition as Partial<Record<StateOption, unknown>>
  return JSON.stringify([kind, everyMs, measure, field, bad, steps, rules])
}

/** The states of a task: one for each rule and group, so many at most. */
export class AlertStates {
  readonly #store: KeyValueStore<string, StoredAlert>
  readonly #statesMax: number
  /** What all states of a rule have in common. */
  readonly #heads = new Map<RulePlan, Omit<StoredAlert, 'state'>>()
  #count = 0

  constructor(store: KeyValueStore<string, StoredAlert>, statesMax: number) {
    this.#store = store
    this.#statesMax = statesMax
  }

  /** No further group can begin. */
  get isFull(): boolean {
    return this.#count >= this.#statesMax
  }

  /** All of them, once, before any other call. */
  *all(): Generator<readonly [string, StoredAlert]> {
    this.#count = 0
    for (const { key, value } of this.#store.all()) {
      this.#count++
      yield [key, value]
    }
  }

  get(key: string): AlertState | undefined {
    return this.#store.get(key)?.state
  }

  /** Another one is known; it is put when it is made. */
  begin(): void {
    this.#count++
  }

  put(key: string, plan: RulePlan, state: AlertState): void {
    let head = this.#heads.get(plan)
    if (head === undefined) {
      head = { form: formOf(plan), fields: plan.read.groupBy.map(({ text }) => text) }
      this.#heads.set(plan, head)
    }
    this.#store.put(key, { ...head, state })
  }

  delete(key: string): void {
    this.#count--
    this.#store.delete(key)
  }
}
