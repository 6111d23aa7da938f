import type { Serde } from '../../../src/serde/serde.ts'
import type { SinkNode, SourceNode, TopologyNode } from '../../../src/topology/node.ts'
import type { OperatorSpec } from '../../../src/topology/operator-spec.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import type { Topology } from '../../../src/topology/topology.ts'

/** Text that refuses one byte, so that a test can poison a record. */
export const text: Serde<string> = {
  name: 'text',
  serialize: (value) => {
    if (typeof value !== 'string') throw new TypeError(`not a text: ${String(value)}`)
    return Buffer.from(value, 'utf8')
  },
  deserialize: (bytes) => {
    if (bytes[0] === 0xff) throw new TypeError('poisoned')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  },
}

const anyText = text as Serde<unknown>

type NodeSketch =
  | ({ readonly kind: 'source'; readonly topics: readonly string[] | RegExp } & Partial<SourceNode>)
  | {
      readonly kind: 'processor'
      readonly operator: OperatorSpec
      readonly parents: readonly string[]
      readonly stores?: readonly string[]
    }
  | ({
      readonly kind: 'sink'
      readonly topic: SinkNode['topic']
      readonly parents: readonly string[]
    } & Partial<SinkNode>)

/** A topology of one subtopology from node sketches, in the order given; keys and values are texts unless given. */
export function sketchTopology(
  sketches: Readonly<Record<string, NodeSketch>>,
  stores: readonly StoreSpec[] = [],
): Topology {
  const names = Object.keys(sketches)
  const childrenOf = (name: string) =>
    names.filter((other) => {
      const sketch = sketches[other] as NodeSketch
      return sketch.kind !== 'source' && sketch.parents.includes(name)
    })
  const nodes = new Map<string, TopologyNode>()
  for (const name of names) {
    const sketch = sketches[name] as NodeSketch
    const children = childrenOf(name)
    if (sketch.kind === 'source') {
      nodes.set(name, {
        name,
        key: anyText,
        value: anyText,
        changes: false,
        timestampExtractor: undefined,
        offsetReset: undefined,
        children,
        ...sketch,
      })
    } else if (sketch.kind === 'sink') {
      nodes.set(name, { name, key: anyText, value: anyText, changes: false, partitioner: undefined, ...sketch })
    } else {
      nodes.set(name, { name, children, stores: [], ...sketch })
    }
  }
  const sources = [...nodes.values()].flatMap((node) =>
    node.kind === 'source' && Array.isArray(node.topics) ? (node.topics as string[]) : [],
  )
  return {
    nodes,
    stores: new Map(stores.map((spec) => [spec.name, spec])),
    globalStores: new Map(),
    repartitionTopics: new Map(),
    subtopologies: [{ id: 0, nodes: names, sources, stores: stores.map(({ name }) => name), global: false }],
    describe: () => '',
    toJSON: () => ({ nodes: {}, stores: {}, globalStores: {}, repartitionTopics: {}, subtopologies: {} }),
    hash: () => '0'.repeat(64),
    groupTopology: () => [
      {
        id: 0,
        sourceTopics: sources,
        patternTopics: [],
        repartitionSourceTopics: [],
        repartitionSinkTopics: [],
        changelogTopics: [],
        copartitionGroups: [sources],
      },
    ],
  }
}

/** From `in` to `out`. */
export function copying(): Topology {
  return sketchTopology({
    source: { kind: 'source', topics: ['in'] },
    sink: { kind: 'sink', topic: 'out', parents: ['source'] },
  })
}
