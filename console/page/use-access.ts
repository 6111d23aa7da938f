import { useEffect, useState } from 'react'
import type { SectionProps } from './section.ts'

const deadlineMs = 10_000
const againMs = 5000

/** The sections that the server has for this token; undefined until it has said so. */
export function useAccess({ base, token, onRefused }: SectionProps): readonly string[] | undefined {
  const [names, setNames] = useState<readonly string[]>()
  useEffect(() => {
    const ended = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(deadlineMs)])
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const isLast = await fetch(`${base}logs/access`, { headers, signal }).then(
        async (response) => {
          if (response.ok) setNames(((await response.json()) as { readonly sections: readonly string[] }).sections)
          else onRefused(response)
          return response.status < 500
        },
        () => false,
      )
      if (!isLast && !ended.signal.aborted) timer = setTimeout(() => void ask(), againMs)
    }
    void ask()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [base, token, onRefused])
  return names
}
