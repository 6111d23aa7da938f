/** How waits between tries grow. */
export interface BackoffOptions {
  /** The wait after the first failure. */
  readonly initialMs: number
  /** The bound of the doubling; jitter may add a fifth. */
  readonly maxMs: number
}

/**
 * The wait after `failures` in a row, 1 for the first: doubled by each, with up to a fifth of jitter either way, so that
 * clients which failed together do not return together (KIP-580).
 */
export function waitAfter(failures: number, { initialMs, maxMs }: BackoffOptions, random = Math.random): number {
  return Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30)) * (0.8 + 0.4 * random())
}

/** Waits from failure to failure, until a success. */
export class Backoff {
  readonly #options: BackoffOptions
  readonly #random: () => number
  #failures = 0

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** How long to wait after one more failure. */
  nextMs(): number {
    return waitAfter(++this.#failures, this.#options, this.#random)
  }

  /** A try succeeded: the next failure is the first again. */
  reset(): void {
    this.#failures = 0
  }
}
