import { TextDecoder } from 'node:util'
import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import { jsonText } from '../core/json-text.ts'
import type { Serde } from '../serde/serde.ts'

const strictText = new TextDecoder('utf-8', { fatal: true })

/** A key or value as a person reads it: by its serde; as text or hex where that cannot read the bytes. Never rejects. */
export async function recordText(serde: Serde<unknown>, bytes: Bytes | null, topic: string): Promise<string | null> {
  if (bytes === null) return null
  try {
    await serde.resolve?.(bytes, topic)
    const value = serde.deserialize(bytes, topic, noHeaders)
    if (typeof value === 'string') return value
    const text = jsonText(value)
    if (text !== undefined) return text
  } catch {
    // Shown as bytes.
  }
  return plainText(bytes)
}

function plainText(bytes: Bytes): string {
  try {
    return strictText.decode(bytes)
  } catch {
    return `0x${Buffer.from(bytes).toString('hex')}`
  }
}
