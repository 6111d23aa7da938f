import assert from 'node:assert/strict'
import type { KeyValue, ValueAndTimestamp, Windowed, WindowStore } from '../../stores/port.ts'
import type { StoreEngine } from '../../stores/store-spec.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import { byBytes } from './model-order.ts'
import { type Command, type StoreModel, suiteKeys } from './store-model.ts'

interface WindowRow {
  readonly key: string
  readonly startMs: number
  readonly value: unknown
}

interface WindowState {
  readonly rows: Map<string, WindowRow>
  observedMs: number
}

const retentionMs = 100_000
const windowSizeMs = 10
const segmentMs = 60_000

/** Rows by key and start; what lies the retention or more behind the newest start is hidden. */
export function windowModel({ engine, timeOrdered }: { engine: StoreEngine; timeOrdered: boolean }): StoreModel {
  let state: WindowState = { rows: new Map(), observedMs: -1 }
  let committed: WindowState = { rows: new Map(), observedMs: -1 }
  const storeOf = (stores: TaskStores) => stores.store('store') as WindowStore<string, unknown>
  const visibleFromMs = () => state.observedMs - retentionMs + (timeOrdered && engine === 'disk' ? 0 : 1)
  const isRefused = (startMs: number) =>
    engine === 'memory'
      ? startMs < visibleFromMs()
      : Math.trunc(startMs / segmentMs) < Math.trunc((state.observedMs - retentionMs) / segmentMs)
  const visible = (within: (row: WindowRow) => boolean, order: 'by-time' | 'by-key'): WindowRow[] =>
    [...state.rows.values()]
      .filter((row) => row.startMs >= visibleFromMs() && within(row))
      .sort((left, right) =>
        order === 'by-time'
          ? left.startMs - right.startMs || byBytes(left.key, right.key)
          : byBytes(left.key, right.key) || left.startMs - right.startMs,
      )
  const windows = (rows: readonly WindowRow[]): KeyValue<Windowed<string>, unknown>[] =>
    rows.map(({ key, startMs, value }) => ({
      key: { key, window: { startMs, endMs: startMs + windowSizeMs } },
      value,
    }))
  /** Mixed key lengths leave the order of untimed reads to the bytes behind the key; as sets they must agree. */
  const sameRows = (actual: readonly KeyValue<Windowed<string>, unknown>[], expected: readonly WindowRow[]) => {
    const sort = (list: readonly KeyValue<Windowed<string>, unknown>[]) =>
      [...list].sort(
        (left, right) => byBytes(left.key.key, right.key.key) || left.key.window.startMs - right.key.window.startMs,
      )
    assert.deepEqual(sort(actual), sort(windows(expected)))
  }

  function put(stores: TaskStores, key: string, startMs: number, value: unknown): void {
    storeOf(stores).put(key, value, startMs)
    state.observedMs = Math.max(state.observedMs, startMs)
    if (isRefused(startMs)) return
    const id = JSON.stringify([key, startMs])
    if (value === null) state.rows.delete(id)
    else state.rows.set(id, { key, startMs, value })
  }

  function run(stores: TaskStores, context: RecordContext, command: Command): void {
    const store = storeOf(stores)
    const operation = command.pick(8)
    const key = suiteKeys[command.pick(suiteKeys.length)] as string
    // Mostly close together, sometimes far enough to expire what was there.
    const startMs = command.pick(10) * 10 + (command.pick(5) === 0 ? 60_000 * command.pick(8) : 0)
    const toMs = startMs + 10 * command.pick(10)
    const value: ValueAndTimestamp<string> | string = timeOrdered
      ? { value: `v${command.pick(20)}`, timestamp: command.pick(50) }
      : `v${command.pick(20)}`
    context.timestamp = startMs
    switch (operation) {
      case 0:
        put(stores, key, startMs, null)
        return
      case 1:
        assert.deepEqual(
          [...store.fetch(key, startMs, toMs)],
          visible((row) => row.key === key && row.startMs >= startMs && row.startMs <= toMs, 'by-time').map(entryOf),
        )
        return
      case 2:
        assert.deepEqual(
          [...store.backwardFetch(key, 0, toMs)],
          visible((row) => row.key === key && row.startMs <= toMs, 'by-time')
            .reverse()
            .map(entryOf),
        )
        return
      case 3: {
        const expected = visible((row) => row.startMs >= startMs && row.startMs <= toMs, 'by-time')
        if (timeOrdered) assert.deepEqual([...store.fetchAll(startMs, toMs)], windows(expected))
        else sameRows([...store.fetchAll(startMs, toMs)], expected)
        return
      }
      case 4:
        sameRows(
          [...store.fetchRange(key, 'b', startMs, toMs)],
          visible(
            (row) =>
              byBytes(row.key, key) >= 0 && byBytes(row.key, 'b') <= 0 && row.startMs >= startMs && row.startMs <= toMs,
            'by-key',
          ),
        )
        return
      default:
        put(stores, key, startMs, value)
    }
  }

  return {
    run,
    check(stores) {
      const expected = visible(() => true, 'by-time')
      if (timeOrdered) {
        assert.deepEqual([...storeOf(stores).all()], windows(expected))
        assert.deepEqual([...storeOf(stores).backwardAll()], windows(expected).reverse())
      } else {
        sameRows([...storeOf(stores).all()], expected)
      }
      for (const { key, startMs, value } of expected) assert.deepEqual(storeOf(stores).get(key, startMs), value)
    },
    commit() {
      committed = { rows: new Map(state.rows), observedMs: state.observedMs }
    },
    discard() {
      state = { rows: new Map(committed.rows), observedMs: committed.observedMs }
    },
  }
}

function entryOf({ startMs, value }: WindowRow): { startMs: number; value: unknown } {
  return { startMs, value }
}
