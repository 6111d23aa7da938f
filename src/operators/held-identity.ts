import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import { recordId } from '../sinks/document-id.ts'
import type { Origin } from '../stores/record-context.ts'
import type { RecordContext } from '../stores/record-context.ts'

/** Of 256 bits: enough that two of them are never equal. */
const hashLength = 22

/**
 * The identity of a record that an operator held and released: holder and held key, with the source record if there can
 * be one per record. undefined if nothing would produce the same identity again.
 */
export function heldIdentity(context: RecordContext, applicationId: string, taskId: string): string | undefined {
  const { origin } = context
  if (origin === undefined || origin.scope === 'moment') return undefined
  if (origin.scope === 'record' && context.topic === '') return undefined
  const held = hashOf(applicationId, taskId, origin)
  return origin.scope === 'once' ? held : `${recordId(context)}-${held}`
}

function hashOf(applicationId: string, taskId: string, { holder, held }: Origin): string {
  const text = `${applicationId}\n${taskId}\n${JSON.stringify(holder)}\n${textOf(held)}`
  return hash('sha256', text, 'base64url').slice(0, hashLength)
}

/** A text that differs for different keys, and is the same for the same key in another process. */
function textOf(held: unknown): string {
  try {
    return JSON.stringify(held, plain) ?? String(held)
  } catch {
    return inspect(held, { depth: null, maxArrayLength: null, maxStringLength: null, customInspect: false })
  }
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Map || value instanceof Set) return [...value]
  return value
}
