import type { ProcessRow } from './ledger.ts'

/** A process that has told nothing new for this long counts as gone. */
export const silentMs = 10_000

interface Peer {
  readonly atMs: number
  /** By the clock of this process; undefined: it has told nothing since this one looks. */
  readonly heardMs: number | undefined
}

/**
 * Which processes of a replay are there. One that was killed has left a row, whose times are ahead of what it had
 * committed: it counts only if it changes. The clocks of processes are not compared.
 */
export class Peers {
  readonly #peers = new Map<string, Peer>()

  /** The rows that have changed since this process looks. */
  heard(rows: ReadonlyMap<string, ProcessRow>, monotonicMs: number): readonly ProcessRow[] {
    for (const [id, { atMs }] of rows) {
      const known = this.#peers.get(id)
      if (known?.atMs === atMs) continue
      this.#peers.set(id, { atMs, heardMs: known === undefined ? undefined : monotonicMs })
    }
    return [...rows].flatMap(([id, row]) => (this.#peers.get(id)?.heardMs === undefined ? [] : [row]))
  }

  /** How many share the work now, this process included. */
  count(monotonicMs: number): number {
    const present = [...this.#peers.values()].filter(
      ({ heardMs }) => heardMs !== undefined && monotonicMs - heardMs < silentMs,
    )
    return Math.max(1, present.length)
  }
}
