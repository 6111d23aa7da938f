import { lateChildOf, type OperatorSpec } from '../../topology/operator-spec.ts'
import type { ProcessorNode } from '../../topology/node.ts'
import type { Topology } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { topicLoops } from './topic-loops.ts'

/** A thing that works today and fails some day. Rules are known by their codes, which `--ignore` takes. */
export interface LintRule {
  readonly code: string
  /** What is wrong: follows the name of what was found. */
  readonly sentence: string
  readonly fix: string
  /** The names of the nodes, stores or topics that it is true of. */
  readonly found: (worker: PreparedWorker) => readonly string[]
}

/** Every rule, in the order of the report. A rule looks at one prepared worker and changes nothing. */
export const lintRules: readonly LintRule[] = Object.freeze([
  {
    code: 'STORE_NAME',
    sentence:
      'is a store whose name has a counter: if an operator is added before the store, the store gets another name and its state is lost',
    fix: 'name it with the option store, a join with name',
    found: ({ topology }) =>
      [...topology.stores.values()]
        .filter(({ name, changelog }) => changelog !== undefined && changelog.topic === undefined && isGenerated(name))
        .map(({ name }) => name),
  },
  {
    code: 'REPARTITION_NAME',
    sentence:
      'is a repartition topic whose name has a counter: if an operator is added before the topic, the topic gets another name and its records are lost',
    fix: 'name the grouping, join or repartition with the option name',
    found: ({ topology }) => [...topology.repartitionTopics.keys()].filter(isGenerated),
  },
  {
    code: 'GRACE_MISSING',
    sentence: 'has windows without grace: a record that is late by a millisecond is dropped',
    fix: 'set graceMs of the windows, or take the late records with the option late',
    found: (worker) => operators(worker, hasNoGrace),
  },
  {
    code: 'SUPPRESS_UNBOUNDED',
    sentence: 'holds results without a bound: its memory grows with the number of keys',
    fix: 'set bufferedRecordsMax or bufferedBytesMax',
    found: (worker) =>
      operators(
        worker,
        ({ operator }) =>
          operator.kind === 'suppress' && operator.recordsMax === Infinity && operator.bytesMax === Infinity,
      ),
  },
  {
    code: 'HANDLER_MISSING',
    sentence: 'has no handler for a record that cannot be read: the first of these records ends the process',
    fix: 'set DEAD_LETTER_TOPIC, or deserializationHandler in options of defineWorker',
    found: ({ topology, engine }) =>
      (engine.deserializationHandler ?? 'fail') === 'fail' ? externalSources(topology) : [],
  },
  {
    code: 'SINK_MISSING',
    sentence: 'writes to a sink that the settings do not configure: the worker does not start',
    fix: 'set its address, such as ELASTICSEARCH_URL, SPLUNK_HEC_URL or FILES_DIRECTORY, or give it in sinks of defineWorker',
    found: (worker) => {
      const known = new Set(worker.sinks.map(({ name }) => name))
      return operators(worker, ({ operator }) => operator.kind === 'external-sink' && !known.has(operator.sink))
    },
  },
  {
    code: 'TOPIC_LOOP',
    sentence: 'is a topic to which results of its own records are written: they may circle without end',
    fix: 'write to another topic, or be sure that a record leaves the loop, and ignore this rule',
    found: ({ topology }) => topicLoops(topology),
  },
])

/** As Kafka Streams makes names: KSTREAM-AGGREGATE-STATE-STORE-0000000003. */
function isGenerated(name: string): boolean {
  return /[A-Z]{2,}-\d{10}/.test(name)
}

/** Those that read what others wrote: what is in a repartition topic, the application wrote itself. */
function externalSources({ nodes, repartitionTopics }: Topology): readonly string[] {
  const names: string[] = []
  for (const node of nodes.values()) {
    if (node.kind !== 'source') continue
    if (node.topics instanceof RegExp || node.topics.some((topic) => !repartitionTopics.has(topic)))
      names.push(node.name)
  }
  return names
}

function operators({ topology }: PreparedWorker, matches: (node: ProcessorNode) => boolean): readonly string[] {
  const names: string[] = []
  for (const node of topology.nodes.values()) if (node.kind === 'processor' && matches(node)) names.push(node.name)
  return names
}

function hasNoGrace({ operator }: ProcessorNode): boolean {
  return graceOf(operator) === 0 && lateChildOf(operator) === undefined
}

/** Of a join, one side answers for both. */
function graceOf(operator: OperatorSpec): number | undefined {
  switch (operator.kind) {
    case 'window-aggregate':
      return operator.windows.kind === 'unlimited' ? undefined : operator.windows.graceMs
    case 'sliding-aggregate':
    case 'session-aggregate':
      return operator.graceMs
    case 'stream-stream-join':
      return operator.side === 'left' ? operator.windows.graceMs : undefined
    case 'stream-stream-self-join':
      return operator.windows.graceMs
    default:
      return undefined
  }
}
