/** True or false for all threads of a process, in memory that they share. */
export class SharedFlag {
  /** To be passed to the other threads. */
  readonly memory: SharedArrayBuffer
  readonly #cell: Int32Array

  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#cell = new Int32Array(memory)
  }

  get isSet(): boolean {
    return Atomics.load(this.#cell, 0) === 1
  }

  set(isSet: boolean): void {
    Atomics.store(this.#cell, 0, isSet ? 1 : 0)
  }
}
