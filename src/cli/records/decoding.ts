import { TextDecoder } from 'node:util'
import type { Bytes } from '../../core/bytes.ts'
import { noHeaders } from '../../core/headers.ts'
import { long } from '../../serde/primitives.ts'

/** How a command reads bytes of which it has no serde. */
export type Decoding = 'auto' | 'text' | 'json' | 'long' | 'hex'

/** Every way to show bytes, as `--decode` takes them. `auto` shows JSON or text where the bytes are that, else hex. */
export const decodings: readonly Decoding[] = ['auto', 'text', 'json', 'long', 'hex']

const strictText = new TextDecoder('utf-8', { fatal: true })

/**
 * Bytes as a person reads them. Never throws: bytes that are not of the form are shown in hex, as `auto` shows what is
 * neither JSON nor text.
 */
export function decoded(bytes: Bytes | null, decoding: Decoding): unknown {
  if (bytes === null) return null
  try {
    switch (decoding) {
      case 'auto':
        return autoOf(strictText.decode(bytes))
      case 'text':
        return strictText.decode(bytes)
      case 'json':
        return JSON.parse(strictText.decode(bytes)) as unknown
      case 'long':
        return long().deserialize(bytes, '', noHeaders)
      case 'hex':
        return hexOf(bytes)
    }
  } catch {
    return hexOf(bytes)
  }
}

function autoOf(text: string): unknown {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text
    }
  }
  // A number in binary is no text.
  if (/[^\P{Cc}\s]/u.test(text)) throw new TypeError('binary')
  return text
}

function hexOf(bytes: Bytes): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
