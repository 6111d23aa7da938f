import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { KeyValueStore } from '../../../src/stores/port.ts'
import { isHoldingOperator } from '../../../src/operators/operator.ts'
import { OperatorHarness, type OperatorHarnessOptions } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'
import type {
  AnyFixedKeyProcessorSupplier,
  AnyProcessorSupplier,
  FixedKeyProcessorContext,
  ProcessorContext,
  StreamRecord,
} from '../../../src/topology/processor-api.ts'

type Context = ProcessorContext<unknown, unknown>
type FixedContext = FixedKeyProcessorContext<unknown, unknown>
type AnyRecord = StreamRecord<unknown, unknown>

function supplier(
  onRecord: (context: Context, record: AnyRecord) => void,
  onInit: (context: Context) => void = () => {},
): AnyProcessorSupplier {
  return {
    create() {
      let own: Context
      return {
        init(context: Context) {
          own = context
          onInit(context)
        },
        process: (record: AnyRecord) => onRecord(own, record),
      }
    },
  }
}

function processorHarness(processor: AnyProcessorSupplier, options: OperatorHarnessOptions = {}): OperatorHarness {
  return new OperatorHarness(createOperator({ kind: 'processor', supplier: processor }), options)
}

function fixedKeyHarness(onRecord: (context: FixedContext, record: AnyRecord) => void): OperatorHarness {
  return new OperatorHarness(
    createOperator({
      kind: 'fixed-key-processor',
      supplier: supplier(onRecord) as unknown as AnyFixedKeyProcessorSupplier,
    }),
  )
}

describe('processor', () => {
  test('what it forwards goes to all children', () => {
    const harness = processorHarness(supplier((context, record) => context.forward({ ...record, value: 'new' })))
    expect(harness.process('k', 'old', 3)).toEqual([{ key: 'k', value: 'new', timestamp: 3, headers: [] }])
  })

  test('forwarding to a child reaches that one alone', () => {
    const harness = processorHarness(
      supplier((context, record) => context.forward(record, 'b')),
      { children: ['a', 'b'] },
    )
    harness.process('k', 'v', 3)
    expect([harness.child('a').take().length, harness.child('b').take().length]).toEqual([0, 1])
  })

  test('a child that is not there is UNKNOWN_CHILD', () => {
    const harness = processorHarness(supplier((context, record) => context.forward(record, 'z')))
    expect(() => harness.process('k', 'v', 3)).toThrow(expect.objectContaining({ code: 'UNKNOWN_CHILD' }))
  })

  test.each([-1, Number.NaN])('forwarding with timestamp %d is INVALID_TIMESTAMP', (timestamp) => {
    const harness = processorHarness(supplier((context, record) => context.forward({ ...record, timestamp })))
    expect(() => harness.process('k', 'v', 3)).toThrow(expect.objectContaining({ code: 'INVALID_TIMESTAMP' }))
  })

  test('it sees where the record came from', () => {
    const seen: unknown[] = []
    const harness = processorHarness(supplier((context) => seen.push(context.recordMetadata())))
    harness.process('k', 'v', 3)
    harness.process('k', 'v', 3)
    expect(seen).toEqual([
      { topic: 'input', partition: 0, offset: 0 },
      { topic: 'input', partition: 0, offset: 1 },
    ])
  })

  test('there is no metadata before the first record', () => {
    const seen: unknown[] = []
    processorHarness(
      supplier(
        () => {},
        (context) => seen.push(context.recordMetadata()),
      ),
    )
    expect(seen).toEqual([undefined])
  })

  test('stream time and system time are those of the task', () => {
    const seen: unknown[] = []
    const harness = processorHarness(
      supplier((context) => seen.push([context.currentStreamTimeMs(), context.currentSystemTimeMs()])),
    )
    harness.clock.advance(50)
    harness.process('k', 'v', 9)
    harness.process('k', 'v', 4)
    expect(seen).toEqual([
      [9, 50],
      [9, 50],
    ])
  })

  test('a store it is not connected to is STORE_NOT_CONNECTED when it starts', () => {
    const asking = supplier(
      () => {},
      (context) => context.getStateStore('other'),
    )
    expect(() => processorHarness(asking)).toThrow(expect.objectContaining({ code: 'STORE_NOT_CONNECTED' }))
  })

  test('a connected store is read and written at once', () => {
    const { stores, recordContext } = openOperatorStores([{ kind: 'key-value', name: 'kv' }])
    const counting = supplier((context, record) => {
      const store = context.getStateStore<KeyValueStore<unknown, number>>('kv')
      const count = (store.get(record.key) ?? 0) + 1
      store.put(record.key, count)
      context.forward({ ...record, value: count })
    })
    const harness = processorHarness(counting, { stores, recordContext })
    expect(['a', 'b', 'a'].flatMap((key) => harness.process(key, 'v', 1)).map(({ value }) => value)).toEqual([1, 1, 2])
  })

  test('a write after a forward still carries the time of its own record', () => {
    const { stores, recordContext, taskStores, logged } = openOperatorStores([
      { kind: 'key-value', name: 'kv', changelog: { topic: undefined, configs: {} } },
    ])
    const shifting = supplier((context, record) => {
      context.forward({ ...record, timestamp: 99 })
      context.getStateStore<KeyValueStore<unknown, unknown>>('kv').put(record.key, 1)
    })
    const harness = processorHarness(shifting, { stores, recordContext })
    harness.output.process = () => {
      recordContext.timestamp = 99
    }
    harness.process('k', 'v', 3)
    taskStores.logDirty()
    expect(logged.map(({ timestamp }) => timestamp)).toEqual([3])
  })

  test('a punctuation forwards with its own time, until it is cancelled', () => {
    const ticking = supplier(
      () => {},
      (context) => {
        const punctuation = context.schedule(10, 'stream-time', (timestamp) => {
          context.forward({ key: 'tick', value: null, timestamp, headers: [] })
          punctuation.cancel()
        })
      },
    )
    const harness = processorHarness(ticking)
    expect([harness.punctuate(10).length, harness.punctuate(20).length]).toEqual([1, 0])
  })

  test('commit asks the runtime for a commit', () => {
    const harness = processorHarness(supplier((context) => context.commit()))
    harness.process('k', 'v', 1)
    expect(harness.commitRequests).toBe(1)
  })

  test('each operator has its own processor, which is closed with it', () => {
    const events: string[] = []
    const counted: AnyProcessorSupplier = {
      create: () => {
        events.push('create')
        return { process: () => {}, close: () => events.push('close') }
      },
    }
    const first = createOperator({ kind: 'processor', supplier: counted })
    createOperator({ kind: 'processor', supplier: counted })
    first.close()
    expect(events).toEqual(['create', 'create', 'close'])
  })
})

describe('fixed-key processor', () => {
  test('it changes value, timestamp and headers', () => {
    const headers = [{ key: 'h', value: null }]
    const harness = fixedKeyHarness((context, record) =>
      context.forward({ ...record, value: 'n', timestamp: 8, headers }),
    )
    expect(harness.process('k', 'v', 3)).toEqual([{ key: 'k', value: 'n', timestamp: 8, headers }])
  })

  test('another key is FIXED_KEY_CHANGED', () => {
    const harness = fixedKeyHarness((context, record) => context.forward({ ...record, key: 'other' }))
    expect(() => harness.process('k', 'v', 3)).toThrow(expect.objectContaining({ code: 'FIXED_KEY_CHANGED' }))
  })

  test('a record that was not made from an input is FIXED_KEY_CHANGED', () => {
    const harness = fixedKeyHarness((context) => context.forward({ key: 'k', value: 1, timestamp: 1, headers: [] }))
    expect(() => harness.process('k', 'v', 3)).toThrow(expect.objectContaining({ code: 'FIXED_KEY_CHANGED' }))
  })

  test('a record kept from earlier may be forwarded later', () => {
    const kept: AnyRecord[] = []
    const harness = fixedKeyHarness((context, record) => {
      kept.push(record)
      if (kept.length === 2) for (const early of kept) context.forward(early)
    })
    harness.process('a', 1, 3)
    expect(harness.process('b', 2, 4).map(({ key }) => key)).toEqual(['a', 'b'])
  })
})

describe('a processor that holds records back', () => {
  test('forwards them before a commit', () => {
    const held: AnyRecord[] = []
    let context: Context | undefined
    const operator = createOperator({
      kind: 'processor',
      supplier: {
        create: () => ({
          init: (own: Context) => {
            context = own
          },
          process: (record: AnyRecord) => void held.push(record),
          beforeCommit() {
            for (const record of held.splice(0)) context?.forward(record)
          },
        }),
      },
    })
    const harness = new OperatorHarness(operator)
    expect(harness.process('k', 'v', 3)).toEqual([])
    if (!isHoldingOperator(operator)) throw new TypeError('a processor holds')
    operator.beforeCommit()
    expect(harness.output.take()).toEqual([{ key: 'k', value: 'v', timestamp: 3, headers: [] }])
  })
})
