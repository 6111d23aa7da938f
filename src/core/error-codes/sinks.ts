import type { ErrorRows } from './row.ts'

const waits = 'the documents wait and are sent again; the commit waits for them'
const refused = 'the document becomes a dead letter'

/** Targets outside Kafka ([sinks](sinks.md)). */
export const sinkCodes = Object.freeze({
  DOCUMENT_ID_INVALID: {
    when: 'the id of a document is not a text, or is empty or too long',
    consequence: 'record',
    next: refused,
    fix: 'give a text of 1 to 512 bytes',
  },
  DOCUMENT_INDEX_INVALID: {
    when: 'the index of a document is not an index name',
    consequence: 'record',
    next: refused,
    fix: 'correct the function that chooses the index',
  },
  DOCUMENT_INVALID: {
    when: 'a document cannot be written as JSON or text',
    consequence: 'record',
    next: refused,
    fix: 'map it to plain data before the sink',
  },
  DOCUMENT_METADATA_INVALID: {
    when: 'the metadata of an event for Splunk cannot be used',
    consequence: 'record',
    next: refused,
    fix: 'correct the option that the message names',
  },
  DOCUMENT_REFUSED: {
    when: 'the target refused the document for good',
    consequence: 'record',
    next: refused,
    fix: 'read the reason; correct the mapping of the index or the document, then replay its dead letter',
  },
  DOCUMENT_TOO_LARGE: {
    when: 'a document is larger than a batch, or larger than the target accepts',
    consequence: 'record',
    next: refused,
    fix: 'make it smaller, or raise the limit of the target and `maxBytes` of the sink',
  },
  FILE_NAME_INVALID: {
    when: 'the name of the file of a document cannot be used',
    consequence: 'record',
    next: refused,
    fix: 'correct the function that chooses the file',
  },
  INDEX_READ_ONLY: {
    when: 'the index of a document is read-only',
    consequence: 'record',
    next: refused,
    fix: 'remove the write block of the index or write to another one, then replay the dead letters',
  },
  SINK_BACKPRESSURE: {
    when: 'a target did not accept all documents of the interval in time',
    consequence: 'retriable',
    next: waits,
    fix: 'check the target; the message has its last answer',
  },
  SINK_FAILED: {
    when: 'a target threw something that has no code',
    consequence: 'retriable',
    next: waits,
    fix: 'read the reason; let a target of your own throw errors with a code',
  },
  SINK_MISCONFIGURED: {
    when: 'a target refuses everything because of a setting: url, token, index, template',
    consequence: 'fatal',
    next: 'the sink is `paused`: documents wait and are retried until somebody fixes the cause',
    fix: 'correct what the message names',
  },
  SINK_NOT_OPEN: {
    when: 'a sink is used before it was opened',
    consequence: ['fatal', 'retriable'],
    fix: 'await `open` before `add`',
  },
  SINK_NO_ANSWER: {
    when: 'a target closed the connection without an answer',
    consequence: 'retriable',
    next: waits,
    fix: 'check the target and the network in between',
  },
  SINK_REFUSES: {
    when: 'a target refuses most documents, which wait instead of becoming dead letters',
    consequence: 'retriable',
    next: 'the sink is `paused`: documents wait and are retried until somebody fixes the cause',
    fix: 'correct the mapping, the template or the documents',
  },
  SINK_TIMEOUT: {
    when: 'a target gave no complete answer in time',
    consequence: 'retriable',
    next: waits,
    fix: 'check the target; raise `requestTimeoutMs` or make batches smaller',
  },
  SINK_UNAUTHORIZED: {
    when: 'a target refuses the credentials',
    consequence: 'fatal',
    next: 'the sink is `paused`: documents wait and are retried until somebody fixes the cause',
    fix: 'check username and password, or the key',
  },
  SINK_UNAVAILABLE: {
    when: 'a target is overloaded, or temporarily cannot write',
    consequence: 'retriable',
    next: waits,
    fix: 'check the target and its disk',
  },
  SINK_UNREACHABLE: {
    when: 'a target cannot be reached',
    consequence: 'retriable',
    next: waits,
    fix: 'check the address and the server',
  },
  VERSION_CONFLICT: {
    when: 'the index holds a newer version of the document',
    consequence: 'record',
    next: refused,
    fix: 'nothing if the newer version is the right one',
  },
} satisfies ErrorRows)
