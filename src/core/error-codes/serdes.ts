import type { ErrorRows } from './row.ts'

/** Serdes and the schema registry. */
export const serdeCodes = Object.freeze({
  INCOMPATIBLE_SCHEMA: {
    when: 'the registry refuses a schema that is not compatible with earlier versions, or records of one schema cannot be read as another',
    consequence: ['fatal', 'record'],
    fix: 'make the schema compatible, or change the compatibility rule of the subject',
  },
  INVALID_SCHEMA: {
    when: 'a schema is not an Avro schema, or the registry cannot read it',
    consequence: ['fatal', 'record'],
    fix: 'correct the schema at the place that the message names',
  },
  MALFORMED_BYTES: {
    when: 'a serde cannot read the bytes of a key or value',
    consequence: 'record',
    fix: 'repair the producer, or read the topic with the serde that it is written with',
  },
  REGISTRY_AUTHORIZATION: {
    when: 'the schema registry refuses the credentials, or this user has no right to do this',
    consequence: 'fatal',
    fix: 'check `basicAuth`, and the rights of the user',
  },
  REGISTRY_REFUSED: {
    when: 'the schema registry gives an unusable answer',
    consequence: 'fatal',
    fix: 'check that the address is that of a schema registry, and read its log',
  },
  REGISTRY_UNAVAILABLE: {
    when: 'the schema registry cannot be reached, is overloaded, or does not answer in time',
    consequence: 'retriable',
    fix: 'check the registry and its address',
  },
  SCHEMA_NOT_LOADED: {
    when: 'the schema of a record is still being loaded from the registry',
    consequence: 'retriable',
    fix: 'nothing',
  },
  SCHEMA_NOT_PREPARED: {
    when: 'a serde was asked to write before its schema has an id',
    consequence: 'fatal',
    fix: 'await `prepare` of the serde before the first write to the topic',
  },
  SCHEMA_NOT_REGISTERED: {
    when: 'the schema is not registered under its subject, and the serde is not allowed to register it',
    consequence: 'fatal',
    fix: 'register it, or set `register: true`',
  },
  UNKNOWN_SCHEMA: {
    when: 'the registry knows no schema of the id that the record names',
    consequence: 'record',
    fix: 'use the registry that the record was written with',
  },
  UNSUITABLE_VALUE: {
    when: 'a serde cannot write a key or value',
    consequence: 'record',
    fix: 'correct the code that makes the value, or use another serde',
  },
  UNSUPPORTED_SCHEMA: {
    when: 'the schema of a record is not Avro, or refers to other schemas',
    consequence: 'record',
    fix: 'register it as one complete Avro schema',
  },
} satisfies ErrorRows)
