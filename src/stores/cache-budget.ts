/**
 * The bytes that the record caches of a thread share, those of all its tasks. Each cache counts its rows
 * here, and makes room in itself, not in others, when it puts a row while the sum is above the limit. With a limit of 0
 * stores have no caches, and each change goes downstream by itself.
 */
export class CacheBudget {
  readonly bytesMax: number
  bytes = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get isExceeded(): boolean {
    return this.bytes > this.bytesMax
  }
}
