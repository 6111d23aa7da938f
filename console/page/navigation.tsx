import type { MouseEvent, ReactNode } from 'react'
import type { Section } from './section.ts'
import { addressOfSection } from './use-address.ts'

export interface NavigationProps {
  readonly sections: readonly Section[]
  readonly current: Section | undefined
  readonly onGo: (path: string) => void
}

/** Links to the sections: a new tab opens the same. */
export function Navigation({ sections, current, onGo }: NavigationProps): ReactNode {
  const follow = (event: MouseEvent, path: string): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onGo(path)
  }
  return (
    <nav aria-label="sections">
      {sections.map(({ path, title }) => (
        <a
          key={path}
          href={addressOfSection(path)}
          aria-current={path === current?.path ? 'page' : undefined}
          onClick={(event) => follow(event, path)}
        >
          {title}
        </a>
      ))}
    </nav>
  )
}
