import { useEffect, useState } from 'react'

const prefix = '#/'

/** The address of a section, from anywhere on the page. Behind `#`, so that any server of files has it. */
export function addressOfSection(path: string): string {
  return `./${prefix}${path}`
}

/** The section that the address names; undefined: none. And a function that goes to another one. */
export function useAddress(): [string | undefined, (path: string) => void] {
  const [path, setPath] = useState(readPath)
  useEffect(() => {
    const read = (): void => setPath(readPath())
    // Also comes with each change of the part behind `#`.
    window.addEventListener('popstate', read)
    return () => window.removeEventListener('popstate', read)
  }, [])
  const go = (to: string): void => {
    history.pushState(undefined, '', addressOfSection(to))
    setPath(to)
  }
  return [path, go]
}

function readPath(): string | undefined {
  const { hash } = location
  return hash.startsWith(prefix) && hash.length > prefix.length ? hash.slice(prefix.length) : undefined
}
