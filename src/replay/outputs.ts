import { MillraceError } from '../core/errors.ts'
import type { OutputClass, SinkFactory } from '../sinks/port.ts'
import type { ProcessorNode, SinkNode } from '../topology/node.ts'
import type { Topology } from '../topology/topology.ts'

/**
 * What a replay does with the records of an output.
 * - `write`: to the same place, where the same records replace or repeat what is there
 * - `version`: to a place of the replay's own, which `cutover` puts in place of the old one
 * - `mute`: nowhere; they are counted
 * - `topic`: to a topic of the replay, as JSON, for people to read
 */
export type OutputAction = 'write' | 'version' | 'mute' | 'topic'

/** One output of a topology in a plan. */
export interface ReplayOutput {
  /** The node that writes. */
  readonly node: string
  /** A topic of Kafka, or an external sink. */
  readonly kind: 'topic' | 'sink'
  /** The name of the topic or sink; '' where the topology chooses a topic for each record. */
  readonly name: string
  /** What writing again does there. */
  readonly outputClass: OutputClass
  /** What the replay does with its records. */
  readonly action: OutputAction
  /** Where its records go; '' where that is nowhere, or chosen for each record. */
  readonly target: string
}

/** Whose replay it is: several applications may write to one topic, and their replays may have one id. */
export interface ReplayName {
  readonly applicationId: string
  readonly id: string
}

/** What decides about the outputs of a replay: its topology, the sinks with their classes, and what the user asked for. */
export interface OutputsRequest extends ReplayName {
  readonly shadowId: string
  readonly topology: Topology
  readonly sinks: readonly SinkFactory[]
  /** By name of topic or sink: what to do in place of what its class says. */
  readonly actions: Readonly<Record<string, OutputAction>>
}

/** The nodes through which records leave a topology. */
export function outputNodes({ nodes, repartitionTopics }: Topology): readonly (SinkNode | ProcessorNode)[] {
  return [...nodes.values()].filter((node): node is SinkNode | ProcessorNode => {
    if (node.kind === 'processor') return node.operator.kind === 'external-sink'
    return node.kind === 'sink' && (typeof node.topic !== 'string' || !repartitionTopics.has(node.topic))
  })
}

/** What becomes of each output. Throws REPLAY_REQUEST for an action that an output does not have. */
export function outputsOf(request: OutputsRequest): readonly ReplayOutput[] {
  const outputs = outputNodes(request.topology).map((node) => outputOf(node, request))
  const unknown = Object.keys(request.actions).filter((name) => outputs.every((output) => output.name !== name))
  if (unknown.length > 0)
    throw requestFault(`outputs names ${unknown.join(', ')}, which the topology does not write to`)
  return outputs
}

function outputOf(node: SinkNode | ProcessorNode, request: OutputsRequest): ReplayOutput {
  return node.kind === 'sink' ? topicOutput(node, request) : sinkOutput(node, request)
}

/** A topic is appended to, so by default a replay writes to a topic of its own. */
function topicOutput(node: SinkNode, request: OutputsRequest): ReplayOutput {
  const name = typeof node.topic === 'string' ? node.topic : ''
  const action = request.actions[name] ?? 'version'
  if (action === 'topic') throw requestFault(`outputs.${name} is 'topic': for a topic, give version, write or mute`)
  const written = action === 'version' && name !== '' ? versionedName(name, request) : name
  return {
    node: node.name,
    kind: 'topic',
    name,
    outputClass: 'append',
    action,
    target: action === 'mute' ? '' : written,
  }
}

/**
 * By class of the sink: `idempotent` is written as it is, `append` to a version of its own where the sink has such, and
 * what notifies somebody is muted. A sink that is not configured here counts as one that notifies.
 */
function sinkOutput(node: ProcessorNode, request: OutputsRequest): ReplayOutput {
  const { shadowId, sinks, actions } = request
  const name = node.operator.kind === 'external-sink' ? node.operator.sink : ''
  const factory = sinks.find((sink) => sink.name === name)
  const outputClass = factory?.outputClass ?? 'side-effect'
  const canVersion = factory?.versioned !== undefined
  const preset = outputClass === 'idempotent' ? 'write' : outputClass === 'append' && canVersion ? 'version' : 'mute'
  const action = actions[name] ?? preset
  if (action === 'version' && !canVersion)
    throw requestFault(`outputs.${name} is 'version', which this sink does not support: give write, mute or topic`)
  const targets = { write: name, version: versionedName(name, request), mute: '', topic: `${shadowId}-${name}` }
  return { node: node.name, kind: 'sink', name, outputClass, action, target: targets[action] }
}

/** The topics that a replay writes in place of live ones, as far as their names are known. */
export function versionedTopics(outputs: readonly ReplayOutput[]): readonly ReplayOutput[] {
  return outputs.filter(({ kind, name, action }) => kind === 'topic' && action === 'version' && name !== '')
}

/** The topics that a replay creates. */
export function topicTargets(outputs: readonly ReplayOutput[]): readonly string[] {
  const own = [...versionedTopics(outputs), ...outputs.filter(({ action }) => action === 'topic')]
  return own.map(({ target }) => target)
}

/** `<name>-replay-<application id>-<id>`: a topic or sink that a replay writes to in place of another. */
export function versionedName(name: string, { applicationId, id }: ReplayName): string {
  return `${name}-replay-${applicationId}-${id}`
}

/** REPLAY_REQUEST with the fault: the field and the fix. */
export function requestFault(text: string): MillraceError {
  return new MillraceError('REPLAY_REQUEST', 'fatal', `the replay cannot be planned: ${text}`)
}
