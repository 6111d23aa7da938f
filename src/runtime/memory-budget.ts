import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Logger } from '../core/logger.ts'

const mebibyte = 1024 * 1024

/** What has a bound of its own, in parts of the whole. Caches and buffers have their defaults from 400 MiB on. */
const shares = { heap: 0.6, caches: 0.025, fetched: 0.02, unsent: 0.08 } as const

/** A heap that may take more leaves no room for what is outside of it. */
const heapShareMax = 0.8

/** The memory of a process, and what its parts may take of it, in bytes. */
export interface MemoryBudget {
  readonly bytesMax: number
  /** The heaps of all threads. */
  readonly heapBytesMax: number
  readonly cacheBytesMax: number
  readonly fetchBufferedBytesMax: number
  /** Of one producer; each thread has one. */
  readonly producerBufferedBytesMax: number
}

export interface MemoryOptions {
  /** 0 or undefined: the limit of the container. */
  readonly memoryMegabytesMax?: number | undefined
  readonly threads?: number | undefined
}

/** The limit of the container that the process runs in; undefined where there is none below the memory of the machine. */
export function containerBytes(): number | undefined {
  const bytes = process.constrainedMemory()
  return bytes > 0 && bytes < totalmem() ? bytes : undefined
}

/** undefined: nothing bounds the memory of the process. */
export function memoryBudgetOf(options: MemoryOptions, containerMax = containerBytes()): MemoryBudget | undefined {
  const { memoryMegabytesMax = 0, threads = 1 } = options
  const bytesMax = memoryMegabytesMax > 0 ? memoryMegabytesMax * mebibyte : containerMax
  if (bytesMax === undefined) return undefined
  const share = (part: number): number => Math.max(1024, Math.floor(bytesMax * part))
  return Object.freeze({
    bytesMax,
    heapBytesMax: share(shares.heap),
    cacheBytesMax: share(shares.caches),
    fetchBufferedBytesMax: share(shares.fetched),
    producerBufferedBytesMax: share(shares.unsent / (threads >= 1 ? threads : 1)),
  })
}

/** The heap of a process is fixed when it starts: one that does not fit into the budget can only be named. */
export function checkHeap(
  budget: MemoryBudget | undefined,
  logger: Logger,
  heapBytes = getHeapStatistics().heap_size_limit,
): void {
  if (budget === undefined) return
  const megabytes = (bytes: number): number => Math.floor(bytes / mebibyte)
  const heapMegabytes = megabytes(heapBytes)
  const memoryMegabytesMax = megabytes(budget.bytesMax)
  logger.info({ memoryMegabytesMax, heapMegabytes }, 'memory budget')
  if (heapBytes <= budget.bytesMax * heapShareMax) return
  logger.warn(
    { memoryMegabytesMax, heapMegabytes },
    `the heap may take ${heapMegabytes} MiB, and the process has ${memoryMegabytesMax} MiB for everything: start Node with --max-old-space-size=${megabytes(budget.heapBytesMax)}`,
  )
}
