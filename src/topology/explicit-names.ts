import type { Assembly } from './assembly.ts'
import { topologyInvalid } from './build-error.ts'
import type { NameGenerator } from './names.ts'

/**
 * Refuses stores and repartition topics whose names the counter made: adding an operator would move them. As in Kafka
 * Streams a source table needs a name even where it keeps no store so far, and the topics of foreign-key joins need none.
 */
export function checkExplicitNames(assembly: Assembly, names: NameGenerator): void {
  const joinStores = [...assembly.stores.keys()].filter((name) => names.isGenerated(name))
  const stores = [...new Set([...names.generatedStores, ...joinStores])]
  const topics = [...assembly.internalTopics.keys()].filter((name) => names.isGenerated(name))
  if (stores.length + topics.length === 0) return
  const parts = [
    ...(stores.length > 0 ? [`stores ${stores.join(', ')} (option store)`] : []),
    ...(topics.length > 0
      ? [`repartition topics ${topics.join(', ')} (option name of the grouping, join or repartition)`]
      : []),
  ]
  throw topologyInvalid(`explicitNaming is set, but these have generated names: ${parts.join('; ')}`)
}
