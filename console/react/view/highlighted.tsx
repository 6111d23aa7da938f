import type { ReactNode } from 'react'
import { partsOf } from './line-search.ts'

/** A text with its matches marked. */
export function Highlighted({ text, needle }: { readonly text: string; readonly needle: string }): ReactNode {
  if (needle === '') return text
  const parts = partsOf(text, needle)
  if (parts.length === 1) return text
  return parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))
}
