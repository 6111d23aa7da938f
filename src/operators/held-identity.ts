import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import type { Origin } from '../stores/record-context.ts'
import type { RecordContext } from '../stores/record-context.ts'

/** Of 256 bits: enough that two of them are never equal. */
const hashLength = 22

/**
 * The identity of what was held and released: its holder and what was held, with the source record where there may be
 * another for each record. undefined where nothing makes it known again.
 */
export function heldIdentity(
  { topic, partition, offset, origin }: RecordContext,
  applicationId: string,
  taskId: string,
): string | undefined {
  if (origin === undefined || origin.scope === 'moment') return undefined
  if (origin.scope === 'record' && topic === '') return undefined
  const held = hashOf(applicationId, taskId, origin)
  return origin.scope === 'once' ? held : `${topic}-${partition}-${offset}-${held}`
}

function hashOf(applicationId: string, taskId: string, { holder, held }: Origin): string {
  const text = `${applicationId}\n${taskId}\n${JSON.stringify(holder)}\n${textOf(held)}`
  return hash('sha256', text, 'base64url').slice(0, hashLength)
}

/** Different for different keys, and the same for the same key of another run. */
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
