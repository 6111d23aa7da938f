import type { Serde } from '../serde/serde.ts'
import { buildError } from '../topology/build-error.ts'
import {
  subscriptionResponseSerde,
  subscriptionSerde,
  type SubscriptionResponse,
} from '../topology/foreign-key-message.ts'
import type { GraphPlace } from '../topology/graph.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { StreamPartitioner } from '../topology/node.ts'
import type { KeyMapper, Joiner } from '../topology/operator-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import { storesOfView, type TableLineage } from '../topology/table-lineage.ts'
import { copartition } from './copartition.ts'
import type { TableCore } from './core.ts'
import { compileMaterialized, type KeyValueStoreOptions, keyValueStore, type Materialized } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'

const prefix = 'KTABLE-FK-JOIN-'
const noTimestamp = { timestampExtractor: undefined, offsetReset: undefined } as const

/** An answer goes back to the partition that asked. */
const toAskingPartition: StreamPartitioner = (_topic, _key, value) => (value as SubscriptionResponse).primaryPartition

/** Serdes that a foreign-key join writes with; all must be known. */
interface Serdes {
  readonly primaryKey: Serde<unknown>
  readonly foreignKey: Serde<unknown>
  readonly leftValue: Serde<unknown>
  readonly rightValue: Serde<unknown>
}

interface Join {
  readonly left: TableCore
  readonly right: TableCore
  readonly foreignKey: KeyMapper
  readonly joiner: Joiner
  readonly kind: 'inner' | 'left'
  readonly given: string | undefined
  readonly serdes: Serdes
}

/**
 * Joins each left row with the right row of its foreign key, across two internal topics: subscriptions go to where the
 * foreign key lives, answers come back to where the row lives.
 */
export function joinByForeignKey(
  left: TableCore,
  right: TableCore,
  kind: 'inner' | 'left',
  foreignKey: KeyMapper,
  joiner: Joiner,
  options: (NameOption & KeyValueStoreOptions<unknown, unknown>) | undefined,
): TableCore {
  const { names, needs } = left.dsl.graph
  needs.requireOldValues(right.lineage)
  needs.requireOldValues(left.lineage)
  const given = nameOf(options)
  const join: Join = { left, right, foreignKey, joiner, kind, given, serdes: knownSerdes(left, right) }
  const subscriptionTopic = `${names.suffixed(given, '-subscription-registration', `${prefix}SUBSCRIPTION-REGISTRATION-`)}-topic`
  const subscribed = appendSubscription(join, subscriptionTopic)
  const responseSource = appendAnswers(join, subscribed, subscriptionTopic)
  return appendResult(join, responseSource, compileMaterialized(left.dsl, options ?? {}))
}

function knownSerdes(left: TableCore, right: TableCore): Serdes {
  const known = (serde: Serde<unknown> | undefined, part: string, table: TableCore): Serde<unknown> => {
    const found = serde ?? table.dsl.defaults[part as 'key' | 'value']
    if (found) return found
    throw buildError(
      'SERDE_MISSING',
      `foreign-key join needs the ${part} serde of table ${table.name}: pass ${part} where the table is created`,
      table.name,
    )
  }
  return {
    primaryKey: known(left.key, 'key', left),
    leftValue: known(left.value, 'value', left),
    foreignKey: known(right.key, 'key', right),
    rightValue: known(right.value, 'value', right),
  }
}

interface Subscribed {
  readonly source: GraphPlace
}

/** Left side: send subscriptions through their topic. */
function appendSubscription(join: Join, topic: string): Subscribed {
  const { left, given, serdes, kind } = join
  const { graph } = left.dsl
  graph.internalTopics.push(topic)
  const sendName = graph.names.suffixed(
    given,
    '-subscription-registration-processor',
    `${prefix}SUBSCRIPTION-REGISTRATION-`,
  )
  const send = graph.append(
    left.place,
    processorNode(sendName, {
      kind: 'foreign-key-subscription-send',
      foreignKey: join.foreignKey,
      join: kind,
      foreignKeySerde: serdes.foreignKey,
      leftValueSerde: serdes.leftValue,
      primaryKeyTopic: `${topic}-pk`,
      foreignKeyTopic: `${topic}-fk`,
    }),
  )
  const value = subscriptionSerde(serdes.primaryKey, `${topic}-pk`)
  const sinkName = graph.names.suffixed(given, '-subscription-registration-sink', 'KTABLE-SINK-')
  const sink = graph.append(send, {
    kind: 'sink',
    name: sinkName,
    topic,
    key: serdes.foreignKey,
    value,
    partitioner: undefined,
  })
  const sourceName = graph.names.suffixed(given, '-subscription-registration-source', 'KTABLE-SOURCE-')
  const consumed = { key: serdes.foreignKey, value, ...noTimestamp }
  const source = graph.append(sink, { kind: 'source', name: sourceName, topics: [topic], consumed })
  copartition([{ dsl: left.dsl, sources: new Set([...join.right.sources, sourceName]) }])
  return { source }
}

/** Right side: keep subscriptions, answer them, answer all of a row when it changes. */
function appendAnswers(join: Join, { source }: Subscribed, subscriptionTopic: string): GraphPlace {
  const { left, right, given, serdes } = join
  const { graph } = left.dsl
  const { names } = graph
  const processorPrefix = `${prefix}SUBSCRIPTION-PROCESSOR-`
  const store = subscriptionStore(
    join,
    names.suffixed(given, '-subscription-store', `${prefix}SUBSCRIPTION-STATE-STORE-`),
    subscriptionTopic,
  )
  graph.append(graph.root, { kind: 'state-store', name: store.name, store })
  const keys = { store: store.name, foreignKeySerde: serdes.foreignKey, primaryKeySerde: serdes.primaryKey }
  const connected = { connects: [store.name] }
  const receiveName = names.suffixed(given, '-subscription-receive', processorPrefix)
  const receive = graph.append(
    source,
    processorNode(receiveName, { kind: 'foreign-key-subscription-receive', ...keys }, connected),
  )
  const view = graph.needs.view(right.lineage)
  const lookUpName = names.suffixed(given, '-subscription-join-foreign', processorPrefix)
  const lookUp = graph.append(
    receive,
    processorNode(lookUpName, { kind: 'foreign-key-subscription-join', right: view }, { connects: storesOfView(view) }),
  )
  const changeName = names.suffixed(given, '-foreign-join-subscription', processorPrefix)
  const change = graph.append(
    right.place,
    processorNode(changeName, { kind: 'foreign-key-right-change', ...keys }, connected),
  )
  return appendResponse(join, [lookUp, change])
}

function subscriptionStore(join: Join, name: string, topic: string): StoreDraft {
  const { serdes, left } = join
  return Object.freeze({
    kind: 'foreign-key-subscriptions',
    name,
    engine: left.dsl.engine,
    key: serdes.foreignKey,
    primaryKey: serdes.primaryKey,
    value: subscriptionSerde(serdes.primaryKey, `${topic}-pk`),
    caching: false,
    changelog: { topic: undefined, configs: {} },
  })
}

function appendResponse(join: Join, answering: readonly GraphPlace[]): GraphPlace {
  const { left, given, serdes } = join
  const { graph } = left.dsl
  const topic = `${graph.names.suffixed(given, '-subscription-response', `${prefix}SUBSCRIPTION-RESPONSE-`)}-topic`
  graph.internalTopics.push(topic)
  const key = serdes.primaryKey
  const value = subscriptionResponseSerde(serdes.rightValue)
  const sinkName = graph.names.suffixed(given, '-subscription-response-sink', 'KTABLE-SINK-')
  const sink = graph.append(answering, {
    kind: 'sink',
    name: sinkName,
    topic,
    key,
    value,
    partitioner: toAskingPartition,
  })
  const sourceName = graph.names.suffixed(given, '-subscription-response-source', 'KTABLE-SOURCE-')
  return graph.append(sink, {
    kind: 'source',
    name: sourceName,
    topics: [topic],
    consumed: { key, value, ...noTimestamp },
  })
}

/** Left side again: join the answer with the row, if the row is still the one that asked; then the table. */
function appendResult(join: Join, source: GraphPlace, compiled: Materialized): TableCore {
  const { left, given, serdes } = join
  const { dsl } = left
  const { graph } = dsl
  const responseNode = graph.node(source)
  const responseTopic =
    responseNode.kind === 'source' && Array.isArray(responseNode.topics) ? String(responseNode.topics[0]) : ''
  const sources = copartition([left, { dsl, sources: new Set([responseNode.name]) }])
  const view = graph.needs.view(left.lineage)
  const resolverName = graph.names.suffixed(
    given,
    '-subscription-response-resolver',
    `${prefix}SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-`,
  )
  const resolver = graph.append(
    source,
    processorNode(
      resolverName,
      {
        kind: 'foreign-key-response-join',
        left: view,
        leftValueSerde: serdes.leftValue,
        join: join.kind,
        joiner: join.joiner,
        responseTopic,
      },
      { connects: storesOfView(view) },
    ),
  )
  const name = graph.names.suffixed(given, '-result', `${prefix}OUTPUT-`)
  const storeName = compiled.storeName ?? graph.names.store(`${prefix}OUTPUT-`)
  const materialized = { ...compiled, key: compiled.key ?? serdes.primaryKey }
  const store = keyValueStore(storeName, materialized)
  const versioned = store.kind === 'versioned'
  const lineage: TableLineage = Object.freeze({
    kind: 'source',
    store: storeName,
    versioned,
    named: compiled.storeName !== undefined,
  })
  const place = graph.append(
    resolver,
    processorNode(name, { kind: 'foreign-key-result' }, { lineage, stores: [store], outputVersioned: versioned }),
  )
  const { key, value } = materialized
  return Object.freeze({ dsl, place, name, key, value, sources, lineage, storeName: compiled.storeName })
}
