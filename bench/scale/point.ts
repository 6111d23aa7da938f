/** One measured case: how many threads do what, over which records. */
export interface Point {
  readonly job: 'copy' | 'parse' | 'count'
  readonly threads: number
  readonly keys: number
  readonly partitions: number
  readonly bytes: number
}

/** The point from which one thing at a time is changed. */
export const base: Point = Object.freeze({ job: 'copy', threads: 1, keys: 10_000, partitions: 6, bytes: 300 })

export interface Axes {
  readonly threads: readonly number[]
  readonly keys: readonly number[]
  readonly partitions: readonly number[]
  readonly bytes: readonly number[]
}

/** The points of a run, each once. */
export function pointsOf({ threads, keys, partitions, bytes }: Axes): readonly Point[] {
  const points: Point[] = [
    ...bytes.map((size): Point => ({ ...base, bytes: size })),
    ...partitions.map((count): Point => ({ ...base, partitions: count })),
    ...keys.map((count): Point => ({ ...base, job: 'count', keys: count })),
    ...threads.map((count): Point => ({ ...base, job: 'parse', threads: count })),
    base,
  ]
  return [...new Map(points.map((point) => [pointName(point), point])).values()]
}

export function pointName({ job, threads, keys, partitions, bytes }: Point): string {
  return `${job}, ${threads} threads, ${keys} keys, ${partitions} partitions, ${bytes} bytes`
}

/** The name of the topic that holds its records. */
export function inputOf({ keys, partitions, bytes }: Point): string {
  return `in-${keys}-${partitions}-${bytes}`
}
