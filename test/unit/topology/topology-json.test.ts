import { describe, expect, test } from '@jest/globals'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { kindTopology } from '../../../fleet/kinds.ts'
import {
  diffTopologies,
  json,
  long,
  StreamsBuilder,
  string,
  type Topology,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'

interface Shape {
  readonly sizeMs?: number
  readonly table?: string
  readonly isLarge?: (key: string, value: number) => boolean
}

const large = (_: string, value: number) => value > 10

function shop({ sizeMs = 1000, table = 'totals', isLarge = large }: Shape = {}): Topology {
  const builder = new StreamsBuilder()
  const orders = builder.stream('orders', { key: string(), value: long() })
  const rates = builder.table('rates', { key: string(), value: json<{ rate: number }>(), store: 'rates' })
  orders
    .filter(isLarge)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs }))
    .count({ store: table })
    .suppress(untilWindowCloses())
    .toStream((window) => window.key)
    .to('counts', { key: string() })
  orders.join(rates, (order, { rate }) => order * rate).to('amounts', { value: long() })
  return builder.build()
}

describe('the data of a topology', () => {
  test('is equal for two builds of the same code, and so is its hash', () => {
    const [first, second] = [shop(), shop()]
    expect(JSON.stringify(first)).toBe(JSON.stringify(second))
    expect(first.hash()).toBe(second.hash())
  })

  test('is plain: it survives a journey as text and as a message', () => {
    const data = shop().toJSON()
    expect(JSON.parse(JSON.stringify(data))).toEqual(data)
    expect(structuredClone(data)).toEqual(data)
  })

  test('shows functions by name and serdes by theirs, in their places', () => {
    const { nodes, stores } = shop().toJSON()
    expect(nodes['KSTREAM-FILTER-0000000003']).toMatchObject({
      kind: 'processor',
      operator: { kind: 'filter', not: false, predicate: { function: 'large' } },
    })
    expect(stores['totals']).toMatchObject({ kind: 'timestamped-window', windowSizeMs: 1000, value: { serde: 'long' } })
  })

  test('names the function of a user and not the one around it', () => {
    const builder = new StreamsBuilder()
    const double = (value: number) => value * 2
    builder.stream('in', { key: string(), value: long() }).mapValues(double).to('out', { value: long() })
    expect(JSON.stringify(builder.build())).toContain('{"function":"double"}')
  })

  test('is equal for the topologies of the fleet', () => {
    const options = {
      sinks: ['documents'],
      pipeline: pipeline({ name: 'any' }),
      policy: defaultInputPolicy,
      avro: undefined,
      geo: undefined,
      pace: 'production',
    } as const
    const build = () => kindTopology('performance', options).build()
    expect(build().hash()).toBe(build().hash())
  })
})

describe('the difference of two topologies', () => {
  test('is empty between two builds of the same code', () => {
    expect(diffTopologies(shop().toJSON(), shop().toJSON())).toEqual([])
  })

  test('names the fields that changed', () => {
    expect(diffTopologies(shop().toJSON(), shop({ sizeMs: 2000 }).toJSON())).toEqual([
      {
        of: 'nodes',
        name: 'KSTREAM-AGGREGATE-0000000004',
        change: 'changed',
        fields: ['operator.windows.advanceMs', 'operator.windows.sizeMs'],
      },
      { of: 'stores', name: 'totals', change: 'changed', fields: ['retentionMs', 'windowSizeMs'] },
    ])
  })

  test('names stores that came and went', () => {
    const differences = diffTopologies(shop().toJSON(), shop({ table: 'sums' }).toJSON())
    expect(differences.filter(({ of }) => of === 'stores')).toEqual([
      { of: 'stores', name: 'totals', change: 'removed', fields: [] },
      { of: 'stores', name: 'sums', change: 'added', fields: [] },
    ])
  })

  test('a function with another name is a difference', () => {
    const isHuge = (_: string, value: number) => value > 1000
    expect(diffTopologies(shop().toJSON(), shop({ isLarge: isHuge }).toJSON())).toEqual([
      {
        of: 'nodes',
        name: 'KSTREAM-FILTER-0000000003',
        change: 'changed',
        fields: ['operator.predicate.function'],
      },
    ])
  })
})

test('a topology is drawn as a flowchart with its topics and stores', () => {
  const builder = new StreamsBuilder()
  const words = builder.stream('words', { key: string(), value: string(), name: 'read' })
  words
    .groupByKey()
    .count({ store: 'counts', name: 'count' })
    .toStream({ name: 'changes' })
    .to('out', { name: 'write' })
  expect(builder.build().describe('mermaid')).toBe(`flowchart TD
  subgraph n0["subtopology 0"]
    n1["read"]
    n2["count"]
    n3["changes"]
    n4["write"]
  end
  n5(["words"]) --> n1
  n1 --> n2
  n2 --> n3
  n2 --- n6[("counts")]
  n3 --> n4
  n4 --> n7(["out"])
`)
})
