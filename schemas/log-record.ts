import type { FieldValue, KeptField, ReadField } from './log-fields.ts'

/** The five levels of the fleet, from harmless to worst. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'critical'] as const
export type LogLevel = (typeof logLevels)[number]

/** What the topologies read of a log as producers send it. Everything may be missing or null. */
export type LogFields = { readonly [Name in ReadField]?: FieldValue<Name> | null | undefined }

type KeptFields = { readonly [Name in KeptField]?: FieldValue<Name> | null }

/** A log record as producers send it; fields that nobody here knows are kept. */
export interface LogRecord extends LogFields, KeptFields {
  readonly [field: string]: unknown
}

export const dataClasses = ['public', 'internal', 'confidential', 'restricted'] as const
export type DataClass = (typeof dataClasses)[number]

/** Where an address lies. */
export interface Geo {
  readonly country: string
  readonly city: string | undefined
}
