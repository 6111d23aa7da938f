import assert from 'node:assert/strict'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreEngine, StoreSpec } from '../stores/store-spec.ts'
import type { ChangelogWriter, TaskStores } from '../stores/task-stores.ts'
import type { RecordContext } from '../stores/record-context.ts'
import { type LoggedRecord, restoreFromLog } from './restore-from-log.ts'
import { keyValueModel } from './store-models/key-value-model.ts'
import { sessionModel } from './store-models/session-model.ts'
import { Command, type StoreModel } from './store-models/store-model.ts'
import { versionedModel } from './store-models/versioned-model.ts'
import { windowModel } from './store-models/window-model.ts'

/**
 * What every set of task stores must do, whatever its engine. A run is a list of numbers, each of which is one command
 * of a store and of its model (a plain map); so a property tester can shrink a failing run.
 */

/** How the suite opens stores. Opening again without `keep` finds nothing; with it, what the last `apply` left. */
export interface StoreFactory {
  readonly engine: StoreEngine
  open(spec: StoreSpec, changelog: ChangelogWriter, context: RecordContext, keep: boolean): TaskStores
  /** Whether state outlives `close`; else it is restored from its changelog. */
  readonly durable: boolean
}

export interface StoreCase {
  readonly name: string
  readonly spec: StoreSpec
  readonly model: () => StoreModel
}

export const suiteText: Serde<unknown> = {
  name: 'text',
  serialize: (value) => Buffer.from(String(value)),
  deserialize: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
}

export function storeCases(engine: StoreEngine): readonly StoreCase[] {
  const base = {
    engine,
    key: suiteText,
    value: suiteText,
    caching: false,
    changelog: { topic: undefined, configs: {} },
  }
  const window = {
    ...base,
    name: 'store',
    retentionMs: 100_000,
    windowSizeMs: 10,
    retainDuplicates: false,
    timeOrdered: false,
  }
  const session = { ...base, kind: 'session', name: 'store', retentionMs: 100_000 } as const
  return [
    { name: 'key-value', spec: { ...base, kind: 'key-value', name: 'store' }, model: () => keyValueModel('key-value') },
    {
      name: 'timestamped key-value',
      spec: { ...base, kind: 'timestamped-key-value', name: 'store' },
      model: () => keyValueModel('timestamped-key-value'),
    },
    { name: 'window', spec: { ...window, kind: 'window' }, model: () => windowModel({ engine, timeOrdered: false }) },
    {
      name: 'time-ordered window',
      spec: { ...window, kind: 'timestamped-window', timeOrdered: true },
      model: () => windowModel({ engine, timeOrdered: true }),
    },
    {
      name: 'session',
      spec: { ...session, timeOrdered: false },
      model: () => sessionModel({ engine, timeOrdered: false }),
    },
    {
      name: 'time-ordered session',
      spec: { ...session, timeOrdered: true },
      model: () => sessionModel({ engine, timeOrdered: true }),
    },
    {
      name: 'versioned',
      spec: { ...base, kind: 'versioned', name: 'store', historyMs: 1_000_000, segmentMs: 100 },
      model: () => versionedModel(),
    },
  ]
}

/**
 * One store through a list of commands: writes, reads, commits, rollbacks, restarts; then restored from its changelog.
 */
export class StoreRun {
  readonly #factory: StoreFactory
  readonly #case: StoreCase
  readonly #model: StoreModel
  readonly #context: RecordContext = { topic: 'in', partition: 0, offset: 0, timestamp: 0, headers: noHeaders }
  #log: LoggedRecord[] = []
  #committed = 0
  #stores: TaskStores

  constructor(factory: StoreFactory, storeCase: StoreCase) {
    this.#factory = factory
    this.#case = storeCase
    this.#model = storeCase.model()
    this.#stores = this.#open('deleted')
  }

  async run(numbers: readonly number[]): Promise<void> {
    try {
      for (const number of numbers) await this.#step(new Command(number))
      this.#model.check(this.#stores)
      await this.#commit()
      await this.#restart('deleted')
      this.#model.check(this.#stores)
    } finally {
      await this.#stores.wipe()
    }
  }

  async #step(command: Command): Promise<void> {
    const kind = command.pick(24)
    if (kind === 0) await this.#commit(command)
    else if (kind === 1) this.#discard()
    else if (kind === 2) await this.#restart('kept')
    else this.#model.run(this.#stores, this.#context, command)
    if (kind < 6) this.#model.check(this.#stores)
  }

  /** With a command: the next interval begins before the last one is in the engine. */
  async #commit(command?: Command): Promise<void> {
    this.#stores.logDirty()
    this.#committed = this.#log.length
    const applied = this.#stores.apply(new Map([['store', this.#committed]]))
    this.#model.commit()
    // What is in flight to the engine is read as well.
    this.#model.check(this.#stores)
    for (let left = command?.pick(4) ?? 0; command !== undefined && left > 0; left--) {
      this.#model.run(this.#stores, this.#context, command)
      this.#model.check(this.#stores)
    }
    if (command?.pick(3) === 0) this.#discard()
    await applied
    if (command === undefined) assert.equal(this.#stores.dirtyEntries, 0)
    assert.equal(this.#stores.changelogOffset('store'), this.#committed)
    this.#model.check(this.#stores)
  }

  #discard(): void {
    this.#stores.discard()
    this.#log.length = this.#committed
    this.#model.discard()
  }

  async #restart(state: 'kept' | 'deleted'): Promise<void> {
    this.#log.length = this.#committed
    this.#model.discard()
    await this.#stores.close()
    this.#stores = this.#open(state)
    const from = this.#stores.changelogOffset('store') ?? 0
    if (state === 'kept' && this.#factory.durable && this.#committed > 0) assert.equal(from, this.#committed)
    await restoreFromLog(this.#stores, 'store', this.#log, from, this.#committed)
  }

  #open(state: 'kept' | 'deleted'): TaskStores {
    const changelog: ChangelogWriter = {
      log: (_, key, value, timestamp) => void this.#log.push({ key, value, timestamp }),
    }
    return this.#factory.open(this.#case.spec, changelog, this.#context, state === 'kept')
  }
}
