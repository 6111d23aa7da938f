import { readFileSync } from 'node:fs'

/** Resident memory of a process, in MB. */
export interface ProcessMemory {
  /** Without the pages of stores. */
  readonly ownMb: number
  /** The files of stores, as far as they are mapped and in memory. */
  readonly storesMb: number
}

/** Undefined: the process has ended. */
export function memoryOf(pid: number): ProcessMemory | undefined {
  try {
    let [ownKb, storesKb, isStore] = [0, 0, false]
    for (const line of readFileSync(`/proc/${pid}/smaps`, 'latin1').split('\n')) {
      if (/^[0-9a-f]+-/.test(line)) isStore = line.endsWith('data.mdb')
      const kb = /^Rss: +(\d+)/.exec(line)?.[1]
      if (kb === undefined) continue
      if (isStore) storesKb += Number(kb)
      else ownKb += Number(kb)
    }
    return { ownMb: ownKb / 1024, storesMb: storesKb / 1024 }
  } catch {
    return undefined
  }
}

/** Looks at a process from time to time, and keeps the most of each. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout
  ownMbMax = 0
  storesMbMax = 0

  constructor(pid: number, everyMs = 500) {
    this.#timer = setInterval(() => {
      const memory = memoryOf(pid)
      this.ownMbMax = Math.max(this.ownMbMax, memory?.ownMb ?? 0)
      this.storesMbMax = Math.max(this.storesMbMax, memory?.storesMb ?? 0)
    }, everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
