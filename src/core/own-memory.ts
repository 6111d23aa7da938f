import { readFileSync } from 'node:fs'

/** Where Linux counts the memory of this process by kind. */
const statusFile = '/proc/self/status'

/**
 * Resident memory of the process without the pages of files: the kernel takes those back when it needs them, as it does
 * with the map of a store's file. Where the system does not tell them apart: the heap and the buffers outside of it.
 */
export function ownMemoryBytes(): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(statusText())?.[1]
  if (kibibytes !== undefined) return Number(kibibytes) * 1024
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}

function statusText(): string {
  try {
    return readFileSync(statusFile, 'latin1')
  } catch {
    return ''
  }
}
