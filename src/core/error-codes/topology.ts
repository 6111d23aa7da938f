import { type ErrorRows, reportIt } from './row.ts'

const next = 'the call throws; nothing is built'

/** Refusals of a topology under construction. */
export const topologyCodes = Object.freeze({
  BUILD_REFUSED: {
    when: 'an optimization does not support the graph',
    consequence: 'fatal',
    next,
    fix: 'switch off the optimization that the message names, and report it',
  },
  ILLEGAL_ARGUMENT: {
    when: 'an option or argument of the DSL or of a supplier has a value that cannot be used',
    consequence: 'fatal',
    next,
    fix: 'give the value that the message asks for',
  },
  ILLEGAL_STATE: {
    when: 'a builder is used after it has built, or two options exclude each other',
    consequence: 'fatal',
    next,
    fix: 'create a new builder, or leave out one of the two options',
  },
  INVALID_TOPIC: {
    when: 'the name of an internal topic is not a valid topic name',
    consequence: 'fatal',
    next,
    fix: 'choose another applicationId, or another name for the operator or store',
  },
  SERDE_MISSING: {
    when: 'an operator writes or stores keys or values without a known serde',
    consequence: 'fatal',
    next,
    fix: 'give `key` or `value` in the options of the operator, or a default to the builder',
  },
  TOPOLOGY_INVALID: {
    when: 'the parts do not fit together: a name given twice, a parent that does not exist, topics that cannot be joined',
    consequence: 'fatal',
    next,
    fix: 'change the topology as the message says',
  },
  TOPOLOGY_MODULE: {
    when: 'a module that `importTopology` names cannot be imported, or exports no topology',
    consequence: 'fatal',
    next,
    fix: 'check the URL, and export the result of `defineTopology` under the name that is asked for',
  },
  UNKNOWN_NODE: {
    when: 'a task needs a node that the topology does not have',
    consequence: 'fatal',
    fix: reportIt,
  },
  UNKNOWN_SINK: {
    when: 'the topology writes to a sink that was not given to the application or to the test driver',
    consequence: 'fatal',
    next: 'the application does not start',
    fix: 'give the factory of this name in `sinks`, or correct the name in `toSink`',
  },
} satisfies ErrorRows)
