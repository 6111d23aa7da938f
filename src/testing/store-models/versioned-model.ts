import assert from 'node:assert/strict'
import type { VersionedKeyValueStore, VersionedRecord } from '../../stores/port.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import { type Command, type StoreModel, suiteKeys } from './store-model.ts'

/** A value or a deletion from a time on, until the next. */
type Timeline = Map<number, string | null>

/** The timeline of each key; nothing of it is old enough to go. */
export function versionedModel(): StoreModel {
  let lines = new Map<string, Timeline>()
  let committed = new Map<string, Timeline>()
  const storeOf = (stores: TaskStores) => stores.store('store') as VersionedKeyValueStore<string, string>
  const lineOf = (key: string): Timeline => {
    let line = lines.get(key)
    if (line === undefined) {
      line = new Map()
      lines.set(key, line)
    }
    return line
  }
  const next = (key: string, timestamp: number): number | undefined =>
    [...lineOf(key).keys()].filter((time) => time > timestamp).sort((left, right) => left - right)[0]
  const versions = (key: string): VersionedRecord<string>[] => {
    const records: VersionedRecord<string>[] = []
    for (const [timestamp, value] of [...lineOf(key)].sort(([left], [right]) => left - right)) {
      if (value !== null) records.push({ value, timestamp, validTo: next(key, timestamp) })
    }
    return records
  }
  const asOf = (key: string, time: number): VersionedRecord<string> | undefined => {
    const valid = versions(key).find(
      (version) => version.timestamp <= time && (version.validTo ?? Number.POSITIVE_INFINITY) > time,
    )
    return valid === undefined ? undefined : { ...valid, validTo: undefined }
  }

  function run(stores: TaskStores, _: RecordContext, command: Command): void {
    const store = storeOf(stores)
    const operation = command.pick(6)
    const key = suiteKeys[command.pick(suiteKeys.length)] as string
    const timestamp = command.pick(40) * 20
    switch (operation) {
      case 0: {
        // Between the times of puts: a deletion at the very time of the latest version leaves no trace in Java either.
        const deletedMs = timestamp + 10
        assert.deepEqual(store.delete(key, deletedMs), asOf(key, deletedMs))
        lineOf(key).set(deletedMs, null)
        return
      }
      case 1:
        assert.deepEqual(store.getAsOf(key, timestamp), asOf(key, timestamp))
        return
      case 2: {
        const toMs = timestamp + command.pick(20) * 20
        const expected = versions(key).filter(
          (version) => version.timestamp <= toMs && (version.validTo ?? Number.POSITIVE_INFINITY) > timestamp,
        )
        assert.deepEqual([...store.getRange(key, timestamp, toMs, true)], expected)
        assert.deepEqual([...store.getRange(key, timestamp, toMs)], expected.reverse())
        return
      }
      default: {
        const value = `v${command.pick(20)}`
        assert.equal(store.put(key, value, timestamp), next(key, timestamp))
        lineOf(key).set(timestamp, value)
      }
    }
  }

  const copy = (from: Map<string, Timeline>) => new Map([...from].map(([key, line]) => [key, new Map(line)]))
  return {
    run,
    check(stores) {
      for (const key of suiteKeys) {
        assert.deepEqual([...storeOf(stores).getRange(key, 0, 1_000_000, true)], versions(key))
        assert.deepEqual(storeOf(stores).get(key), asOf(key, Number.MAX_SAFE_INTEGER))
      }
    },
    commit() {
      committed = copy(lines)
    },
    discard() {
      lines = copy(committed)
    },
  }
}
