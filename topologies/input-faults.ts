const next = 'the record becomes a dead letter, with its bytes and headers untouched'

/** Why a log record is refused (docs/adr/0021), in the rows of docs/errors.md. */
export const inputFaults = Object.freeze({
  AVRO_NOT_CONFIGURED: {
    when: 'a log is in Avro and no schema registry is set',
    consequence: 'record',
    next,
    fix: 'set `SCHEMA_REGISTRY_URL`',
  },
  NO_TIMESTAMP: {
    when: 'a log has no timestamp that can be read, and `INPUT_REFUSE` has `no-timestamp`',
    consequence: 'record',
    next,
    fix: 'write a time into it, or leave `no-timestamp` out of `INPUT_REFUSE`',
  },
  NULL_KEY: {
    when: 'a log has no key, and `INPUT_REFUSE` has `null-key`',
    consequence: 'record',
    next,
    fix: 'give it a key, or leave `null-key` out of `INPUT_REFUSE`',
  },
  NULL_VALUE: {
    when: 'a log has no value',
    consequence: 'record',
    next,
    fix: 'repair its producer',
  },
  TIMESTAMP_OUT_OF_RANGE: {
    when: 'the time of a log is too far from the time that Kafka gave it, and `INPUT_REFUSE` has `timestamp-range`',
    consequence: 'record',
    next,
    fix: 'set the clock of its producer right, or leave `timestamp-range` out of `INPUT_REFUSE`',
  },
  UNREADABLE: {
    when: 'the value of a log is no text of any encoding and no Avro',
    consequence: 'record',
    next,
    fix: 'repair its producer',
  },
} as const)

export type InputFault = keyof typeof inputFaults
