import type { ErrorRows } from './row.ts'

/** Serdes and the schema registry. */
export const serdeCodes = Object.freeze({
  INCOMPATIBLE_SCHEMA: {
    when: 'the registry refuses a schema beside the versions before it, or records of one cannot be read as another',
    consequence: ['fatal', 'record'],
    fix: 'change the schema so that it is compatible, or the compatibility of the subject',
  },
  INVALID_SCHEMA: {
    when: 'a schema is no Avro schema, or the registry cannot read it',
    consequence: ['fatal', 'record'],
    fix: 'correct the schema at the place that the message names',
  },
  MALFORMED_BYTES: {
    when: 'a serde cannot read the bytes of a key or value',
    consequence: 'record',
    fix: 'repair the producer, or read the topic with the serde that it is written with',
  },
  REGISTRY_AUTHORIZATION: {
    when: 'the schema registry refuses the credentials, or this user may not do that',
    consequence: 'fatal',
    fix: 'check `basicAuth`, and the rights of the user',
  },
  REGISTRY_REFUSED: {
    when: 'the schema registry gives an answer that is of no use',
    consequence: 'fatal',
    fix: 'see that the address is that of a schema registry, and read its log',
  },
  REGISTRY_UNAVAILABLE: {
    when: 'the schema registry cannot be reached, is overloaded, or does not answer in time',
    consequence: 'retriable',
    fix: 'look at the registry and its address',
  },
  SCHEMA_NOT_LOADED: {
    when: 'the schema of a record is on its way from the registry',
    consequence: 'retriable',
    fix: 'nothing',
  },
  SCHEMA_NOT_PREPARED: {
    when: 'a serde is to write before its schema has an id',
    consequence: 'fatal',
    fix: 'await `prepare` of the serde before the first write to the topic',
  },
  SCHEMA_NOT_REGISTERED: {
    when: 'the schema is not registered under its subject, and may not be',
    consequence: 'fatal',
    fix: 'register it, or set `register: true`',
  },
  UNKNOWN_SCHEMA: {
    when: 'the registry knows no schema of the id that the record names',
    consequence: 'record',
    fix: 'give the registry that the record was written against',
  },
  UNSUITABLE_VALUE: {
    when: 'a serde cannot write a key or value',
    consequence: 'record',
    fix: 'correct what makes the value, or take another serde',
  },
  UNSUPPORTED_SCHEMA: {
    when: 'the schema of a record is not Avro, or refers to other schemas',
    consequence: 'record',
    fix: 'register it as one piece of Avro',
  },
} satisfies ErrorRows)
