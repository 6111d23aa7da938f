import { statfsSync, statSync } from 'node:fs'

/**
 * Free bytes of the disk that holds a directory, less what writes in flight may still take: tasks that commit together
 * each ask before any of them has written. An engine has one for its directory, asks before each write, and gives the
 * bytes back when the write is done or has failed.
 */
export class DiskRoom {
  /** By device. Of the whole process, whatever thread or application writes, as they all take from one free space. */
  static readonly #reservedBytes = new Map<number, number>()
  readonly #directory: string
  readonly #freeBytes: (directory: string) => number
  readonly #device: number

  constructor(directory: string, freeBytes: (directory: string) => number = freeBytesOf) {
    this.#directory = directory
    this.#freeBytes = freeBytes
    this.#device = statSync(directory).dev
  }

  get freeBytes(): number {
    return this.#freeBytes(this.#directory) - (DiskRoom.#reservedBytes.get(this.#device) ?? 0)
  }

  /** Returns what gives the bytes back. */
  reserve(bytes: number): () => void {
    this.#add(bytes)
    return () => this.#add(-bytes)
  }

  #add(bytes: number): void {
    const reserved = DiskRoom.#reservedBytes
    reserved.set(this.#device, (reserved.get(this.#device) ?? 0) + bytes)
  }
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
