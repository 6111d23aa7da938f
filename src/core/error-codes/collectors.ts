import type { ErrorRows } from './row.ts'

const notStarted = 'the collector does not start'

/** Inputs into a topic ([collectors](collectors.md)). */
export const collectorCodes = Object.freeze({
  COLLECTOR_NO_INPUT: {
    when: 'the settings of a collector name no topic, or none of its inputs',
    consequence: 'fatal',
    next: notStarted,
    fix: 'set what the message names',
  },
  COLLECTOR_NOT_STORED: {
    when: 'Kafka did not acknowledge records of an input in time',
    consequence: 'retriable',
    next: 'a request is answered with 503, and its sender sends it again, while lines of syslog and entries of Redis are stored again by the collector itself',
    fix: 'check the cluster; the message has its error',
  },
  COLLECTOR_PORT_IN_USE: {
    when: 'an input cannot listen on its host and port',
    consequence: 'fatal',
    next: notStarted,
    fix: 'choose another port, or stop the program that has it; the message says why',
  },
  COLLECTOR_TOKEN_MISSING: {
    when: 'the HTTP input would listen on a host that is not loopback, without a token',
    consequence: 'fatal',
    next: notStarted,
    fix: 'set a token, or listen on 127.0.0.1',
  },
} satisfies ErrorRows)
