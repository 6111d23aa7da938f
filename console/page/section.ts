import type { ComponentType, LazyExoticComponent } from 'react'

/** What the page gives to each of its sections. */
export interface SectionProps {
  /** The address of the server, which ends with a slash: also below the path of a proxy. */
  readonly base: string
  /** To be sent as `Authorization: Bearer`. Undefined: there is none. */
  readonly token: string | undefined
  /** To be called where the server refuses: with 401, the page asks for another token. */
  readonly onRefused: (refused: { readonly status: number }) => void
}

/** A part of the page with an address of its own. */
export interface Section {
  /** As in the address, and as `GET /logs/access` names it: the page shows only sections that the server has. */
  readonly path: string
  readonly title: string
  /** Comes when it is first shown. */
  readonly component: LazyExoticComponent<ComponentType<SectionProps>>
}
