import type { Header, Headers } from '../core/headers.ts'
import { unpinned } from './byte-keys.ts'

/** Headers to keep with a row: they are slices of a fetched batch more often than not, and would keep all of it. */
export function keptHeaders(headers: Headers): Headers {
  for (const { value } of headers) if (value !== null && unpinned(value) !== value) return headers.map(keptHeader)
  return headers
}

function keptHeader({ key, value }: Header): Header {
  return { key, value: value === null ? null : unpinned(value) }
}
