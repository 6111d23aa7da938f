const next = 'the record becomes a dead letter, with its bytes and headers untouched'

/** Why a log record is refused (docs/adr/0004), in the rows of docs/errors.md. */
export const inputFaults = Object.freeze({
  AVRO_NOT_CONFIGURED: {
    when: 'a log is in Avro and no schema registry is set',
    consequence: 'record',
    next,
    fix: 'set `SCHEMA_REGISTRY_URL`',
  },
  BROKEN_JSON: {
    when: 'a log begins as JSON and is none, or is nested too deep',
    consequence: 'record',
    next,
    fix: 'repair its producer',
  },
  INVALID_UTF8: {
    when: 'a log is neither Avro nor valid UTF-8',
    consequence: 'record',
    next,
    fix: 'repair its producer',
  },
  NO_TIMESTAMP: {
    when: 'a structured log has no timestamp that can be read',
    consequence: 'record',
    next,
    fix: 'write ISO text or epoch milliseconds, or accept it: `INPUT_ACCEPT=no-timestamp`',
  },
  NULL_KEY: {
    when: 'a structured log has no key',
    consequence: 'record',
    next,
    fix: 'give it a key, or accept it: `INPUT_ACCEPT=null-key`',
  },
  NULL_VALUE: {
    when: 'a log has no value',
    consequence: 'record',
    next,
    fix: 'repair its producer',
  },
  TIMESTAMP_OUT_OF_RANGE: {
    when: 'the time of a structured log is more than 90 days before, or an hour after, the time that Kafka gave it',
    consequence: 'record',
    next,
    fix: 'set the clock of its producer right, or accept it: `INPUT_ACCEPT=timestamp-range`',
  },
  VALUE_TOO_LARGE: {
    when: 'a log is larger than 1 MiB',
    consequence: 'record',
    next,
    fix: 'write less into one log',
  },
  WRONG_TYPE: {
    when: 'a field of a structured log has the wrong type',
    consequence: 'record',
    next,
    fix: 'write the field with the type that the message names',
  },
} as const)

export type InputFault = keyof typeof inputFaults
