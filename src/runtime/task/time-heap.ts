/**
 * A binary heap with the sifting of java.util.PriorityQueue (strictly less moves), so that ties come out in the order of
 * Kafka Streams.
 */
export class TimeHeap<T> {
  readonly #items: T[] = []
  readonly #time: (item: T) => number

  constructor(time: (item: T) => number) {
    this.#time = time
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  offer(item: T): void {
    const items = this.#items
    let index = items.length
    const time = this.#time(item)
    items.push(item)
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1
      const parent = items[parentIndex] as T
      if (time >= this.#time(parent)) break
      items[index] = parent
      index = parentIndex
    }
    items[index] = item
  }

  poll(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length > 0) this.#siftDown(last as T)
    return first
  }

  /** Removes an item by identity, keeping heap order. */
  remove(item: T): void {
    const rest = this.#items.filter((other) => other !== item)
    this.#items.length = 0
    for (const other of rest) this.offer(other)
  }

  #siftDown(item: T): void {
    const items = this.#items
    const time = this.#time(item)
    const half = items.length >>> 1
    let index = 0
    while (index < half) {
      let childIndex = 2 * index + 1
      let child = items[childIndex] as T
      const rightIndex = childIndex + 1
      if (rightIndex < items.length && this.#time(child) > this.#time(items[rightIndex] as T)) {
        childIndex = rightIndex
        child = items[childIndex] as T
      }
      if (time <= this.#time(child)) break
      items[index] = child
      index = childIndex
    }
    items[index] = item
  }
}
