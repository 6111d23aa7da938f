import type { ReactNode } from 'react'

/** A status in its color. */
export function Status({ status }: { readonly status: string }): ReactNode {
  return <span className={`mr-status mr-status-${status}`}>{status}</span>
}
