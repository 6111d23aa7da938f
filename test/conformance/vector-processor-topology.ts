import { type Topology, TopologyBuilder } from '../../src/index.ts'
import { namedProcessor } from './processors.ts'
import { storeSpecOf, timestampOf } from './vector-options.ts'
import { defaultSerdes, serdeOf } from './vector-serdes.ts'
import type { VectorStep, VectorType } from './vector.ts'

interface Types {
  readonly key: VectorType
  readonly value: VectorType
}

/** Scenarios of the Processor API: steps on a bare topology. */
export function buildProcessorTopology(steps: readonly VectorStep[]): Topology {
  const builder = new TopologyBuilder({ defaults: defaultSerdes })
  const types = new Map<string, Types>()
  for (const step of steps) addStep(builder, types, step)
  return builder.build()
}

/** The last parent's, as the oracle has it. */
function parentTypes(types: ReadonlyMap<string, Types>, parents: readonly string[]): Types {
  return (
    parents.map((parent) => types.get(parent)).findLast((found) => found !== undefined) ?? {
      key: 'string',
      value: 'string',
    }
  )
}

function addStep(builder: TopologyBuilder, types: Map<string, Types>, step: VectorStep): void {
  const { name = '', parents = [], topic = '' } = step
  switch (step.op) {
    case 'addSource': {
      const { key = 'string', value = 'string', topics = [] } = step
      const timestamp = timestampOf(step.extractor)
      builder.addSource(name, {
        topics,
        key: serdeOf(key),
        value: serdeOf(value),
        timestampExtractor:
          timestamp && ((record, partitionTimeMs) => timestamp(record.value, record.key, record, partitionTimeMs)),
      })
      types.set(name, { key, value })
      return
    }
    case 'addProcessor': {
      const from = parentTypes(types, parents)
      const processor = namedProcessor(step.processor ?? '', step.args ?? {}, from.key, from.value)
      builder.addProcessor(name, { create: processor.create }, parents)
      types.set(name, { key: processor.keyType, value: processor.valueType })
      return
    }
    case 'addSink': {
      const from = parentTypes(types, parents)
      builder.addSink(name, { topic, parents, key: serdeOf(from.key), value: serdeOf(from.value) })
      return
    }
    case 'addStateStore':
      builder.addStateStore(storeSpecOf(step), step.processors ?? [])
      return
    case 'connect':
      builder.connectProcessorAndStateStores(step.processor ?? '', step.stores ?? [])
      return
    default:
      throw new Error(`unknown op ${step.op}`)
  }
}
