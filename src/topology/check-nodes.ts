import { shown } from '../core/shown.ts'
import type { NodeDraft } from './assembly.ts'
import { illegalArgument, topologyInvalid } from './build-error.ts'
import { nameFault } from './names.ts'
import type { OperatorSpec } from './operator-spec.ts'

/**
 * Internal topics by name. Their names are checked at the start, because they begin with the name of the application.
 */
type InternalTopics = ReadonlyMap<string, unknown>

/** Fields of an operator that hold a function of the user. */
const functionFields: readonly string[] = Object.freeze([
  ...['predicate', 'mapper', 'action', 'joiner', 'keyMapper', 'foreignKey', 'id', 'merger'],
  ...['initializer', 'aggregator', 'reducer', 'adder', 'subtractor', 'timestamp', 'partitioner'],
])

/**
 * Refuses what the types rule out and JavaScript passes: a function that was left out, a topic that cannot be one, a word
 * that is no choice. It would fail each record, or change results without a word. Called once, when the topology is built.
 */
export function checkNodes(nodes: Iterable<NodeDraft>, internalTopics: InternalTopics): void {
  for (const node of nodes) {
    if (node.kind === 'processor') checkOperator(node.name, node.operator)
    else if (node.kind === 'source') checkSource(node, internalTopics)
    else checkSink(node, internalTopics)
  }
}

function checkOperator(name: string, operator: OperatorSpec): void {
  checkFunctions(name, operator)
  if ('emit' in operator) checkChoice(`emitStrategy of ${name}`, operator.emit, ['on-window-update', 'on-window-close'])
  if ('aggregation' in operator) checkFunctions(name, operator.aggregation)
}

function checkFunctions(name: string, spec: object): void {
  for (const [field, value] of Object.entries(spec)) {
    if (!functionFields.includes(field) || typeof value === 'function') continue
    if (field === 'keyMapper' && value === undefined && 'kind' in spec && spec.kind === 'table-to-stream') continue
    throw illegalArgument(`the ${field} of operator ${name} is ${shown(value)}: pass a function`)
  }
}

type SourceDraft = Extract<NodeDraft, { readonly kind: 'source' }>
type SinkDraft = Extract<NodeDraft, { readonly kind: 'sink' }>

function checkSource(source: SourceDraft, internalTopics: InternalTopics): void {
  const { name, topics, timestampExtractor } = source
  const named = topics instanceof RegExp ? [] : topics.filter((topic) => !internalTopics.has(topic))
  for (const topic of named) checkTopic(`source ${name} reads`, topic, name)
  if (timestampExtractor !== undefined) checkFunctions(name, { timestamp: timestampExtractor })
}

function checkChoice(what: string, given: string, choices: readonly string[]): void {
  if (choices.includes(given)) return
  throw illegalArgument(`${what} is ${shown(given)}: it must be one of ${choices.join(', ')}`)
}

function checkSink({ name, topic, partitioner }: SinkDraft, internalTopics: InternalTopics): void {
  if (typeof topic !== 'function' && !internalTopics.has(topic)) checkTopic(`sink ${name} writes to`, topic, name)
  if (partitioner !== undefined) checkFunctions(name, { partitioner })
}

function checkTopic(what: string, topic: unknown, operator: string): void {
  const fault = typeof topic === 'string' ? nameFault(topic) : `it is ${shown(topic)}`
  if (fault !== undefined)
    throw topologyInvalid(`${what} a topic with an invalid name (${fault}): choose another`, operator)
}
