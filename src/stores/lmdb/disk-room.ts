import { statfsSync, statSync } from 'node:fs'

/**
 * Free bytes of the disks that hold state, less what writes in flight may still take: tasks that commit together each
 * ask before any of them has written.
 */
const reservedBytes = new Map<number, number>()

export class DiskRoom {
  readonly #directory: string
  readonly #freeBytes: (directory: string) => number
  readonly #device: number

  constructor(directory: string, freeBytes: (directory: string) => number = freeBytesOf) {
    this.#directory = directory
    this.#freeBytes = freeBytes
    this.#device = statSync(directory).dev
  }

  get freeBytes(): number {
    return this.#freeBytes(this.#directory) - (reservedBytes.get(this.#device) ?? 0)
  }

  /** Returns what gives the bytes back. */
  reserve(bytes: number): () => void {
    const device = this.#device
    reservedBytes.set(device, (reservedBytes.get(device) ?? 0) + bytes)
    return () => reservedBytes.set(device, (reservedBytes.get(device) ?? 0) - bytes)
  }
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
