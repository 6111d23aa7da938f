import { MillraceError } from '../../core/errors.ts'
import { createOperator } from '../../operators/create-operator.ts'
import { matchesTopic } from '../../topology/matches-topic.ts'
import type { Operator, Receiver } from '../../operators/operator.ts'
import type { ProcessorNode, SourceNode, TimestampExtractor } from '../../topology/node.ts'
import { lateChildOf } from '../../topology/operator-spec.ts'
import { recordTimestamp } from '../../topology/record-timestamp.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { Topology } from '../../topology/topology.ts'
import type { DropLog } from './drop-log.ts'
import { NodeContext } from './node-context.ts'
import type { NodeHost } from './node-context.ts'
import { Guard, outputTo } from './receivers.ts'
import type { RecordCollector } from './record-collector.ts'
import type { RecordErrors } from './record-errors.ts'
import type { RecordTracing } from './record-tracing.ts'
import { SinkReceiver } from './sink-receiver.ts'
import type { Source } from './source.ts'

/** What a task's graph is made of; all of it is shared by the operators of the task. */
export interface CompileInput {
  readonly topology: Topology
  /** Nodes of the subtopology (or of several), parents before children. */
  readonly nodes: readonly string[]
  readonly topicName: (name: string) => string
  readonly defaultTimestampExtractor: TimestampExtractor | undefined
  readonly collector: RecordCollector
  readonly errors: RecordErrors
  readonly drops: DropLog
  readonly recordContext: RecordContext
  /** Wraps what records go through; undefined: nothing is traced. */
  readonly tracing: RecordTracing | undefined
}

/** A processor node with the operator that runs it in this task. */
export interface CompiledOperator {
  readonly node: ProcessorNode
  readonly operator: Operator
}

/** The wired graph of one task; operators are not open yet. */
export interface CompiledGraph {
  /** The source that reads the topic; throws UNKNOWN_SOURCE_TOPIC. */
  sourceOf(topic: string): Source
  readonly operators: readonly CompiledOperator[]
  /** Opens all operators, parents first; where one fails those before it are closed again. */
  open(host: NodeHost): void
  /** Closes all that are open, each once, whatever another one throws; throws the first of it. */
  close(): void
}

function nodeOf(topology: Topology, name: string) {
  const node = topology.nodes.get(name)
  if (node === undefined) throw new MillraceError('UNKNOWN_NODE', 'fatal', `the topology has no node named ${name}`)
  return node
}

/** undefined: the time that Kafka holds. */
function extractorOf(
  { timestampExtractor }: SourceNode,
  preset: TimestampExtractor | undefined,
): TimestampExtractor | undefined {
  return timestampExtractor === recordTimestamp ? undefined : (timestampExtractor ?? preset)
}

/** Turns nodes into operators and links them: one child directly, several by a fan-out. */
export function compile(input: CompileInput): CompiledGraph {
  const { topology, topicName, errors, tracing } = input
  const receivers = new Map<string, Receiver>()
  const operators: CompiledOperator[] = []
  const sourceNodes: SourceNode[] = []
  for (const name of input.nodes) {
    const node = nodeOf(topology, name)
    if (node.kind === 'source') {
      sourceNodes.push(node)
    } else if (node.kind === 'sink') {
      const sink = new SinkReceiver(node, topicName, input.collector, errors, input.drops, input.recordContext)
      receivers.set(name, tracing?.sink(node, sink) ?? sink)
    } else {
      const operator = createOperator(node.operator)
      operators.push({ node, operator })
      receivers.set(name, new Guard(tracing?.operator(node, operator) ?? operator, name, errors))
    }
  }
  const receiverOf = (name: string) => receivers.get(name) as Receiver
  const sources = sourceNodes.map((node): Source => {
    const children = outputTo(node.children.map(receiverOf))
    const receiver = tracing?.source(children, input.recordContext) ?? children
    return { node, receiver, timestampExtractor: extractorOf(node, input.defaultTimestampExtractor) }
  })
  const opened: Operator[] = []
  return {
    sourceOf(topic) {
      const source = sources.find((candidate) => matchesTopic(candidate.node, topic, topicName))
      if (source !== undefined) return source
      throw new MillraceError('UNKNOWN_SOURCE_TOPIC', 'fatal', `no source of these nodes reads ${topic}`)
    },
    operators,
    open(host) {
      try {
        for (const { node, operator } of operators) {
          const late = lateChildOf(node.operator)
          const output = outputTo(node.children.filter((name) => name !== late).map(receiverOf))
          const children = new Map(node.children.map((name) => [name, receiverOf(name)]))
          operator.open(new NodeContext(host, node, output, children))
          opened.push(operator)
        }
      } catch (error) {
        closeAll(opened)
        throw error
      }
    },
    close() {
      const failure = closeAll(opened)
      if (failure !== undefined) throw failure.error
    },
  }
}

/** Empties the list; returns what the first one threw that did not close in order. */
function closeAll(opened: Operator[]): { readonly error: unknown } | undefined {
  let failure: { readonly error: unknown } | undefined
  for (const operator of opened.splice(0)) {
    try {
      operator.close()
    } catch (error) {
      failure ??= { error }
    }
  }
  return failure
}
