import type { SinkFactory } from '../../src/sinks/index.ts'

/** Sinks that count the documents they were given, for the view. */
export interface CountingSinks {
  readonly factories: readonly SinkFactory[]
  /** Documents given to the first sink and not discarded. */
  documents(): number
}

export function countingSinks(factories: readonly SinkFactory[]): CountingSinks {
  let documents = 0
  return {
    factories: factories.map((factory, index) => (index === 0 ? counting(factory, () => documents++) : factory)),
    documents: () => documents,
  }
}

function counting(factory: SinkFactory, count: () => void): SinkFactory {
  return {
    name: factory.name,
    create(taskId) {
      const sink = factory.create(taskId)
      const add = sink.add.bind(sink)
      sink.add = (record) => {
        add(record)
        count()
      }
      return sink
    },
  }
}
