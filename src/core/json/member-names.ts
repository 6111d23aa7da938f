/** Finds the slot (the index) of a name by its bytes. */
export class MemberNames {
  readonly bytes: readonly Uint8Array[]
  readonly #slots: ReadonlyMap<string, number>
  /** Slot and one by hash; the next places are for names of the same hash. */
  readonly table: Uint16Array

  constructor(names: readonly string[]) {
    this.bytes = names.map((name) => new TextEncoder().encode(name))
    this.#slots = new Map(names.map((name, slot) => [name, slot]))
    let size = 32
    while (size < names.length * 4) size *= 2
    this.table = new Uint16Array(size)
    for (const [slot, name] of this.bytes.entries()) {
      // What has to be written with an escape stands nowhere as it is.
      if (JSON.stringify(names[slot]) !== `"${names[slot]}"`) continue
      let place = hashOf(name, 0, name.length) & (size - 1)
      while (this.table[place] !== 0) place = (place + 1) & (size - 1)
      this.table[place] = slot + 1
    }
  }

  /** The slot of a name that is written without an escape, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const table = this.table
    const last = table.length - 1
    for (let place = hashOf(bytes, start, end) & last; ; place = (place + 1) & last) {
      const slot = (table[place] as number) - 1
      if (slot < 0) return -1
      if (end - start === (this.bytes[slot] as Uint8Array).length && this.isAt(bytes, start, slot)) return slot
    }
  }

  /** The slot of a name as text, or -1. */
  slotOf(name: string): number {
    return this.#slots.get(name) ?? -1
  }

  /** Whether the name of the slot begins here. */
  isAt(bytes: Uint8Array, start: number, slot: number): boolean {
    const name = this.bytes[slot] as Uint8Array
    for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false
    return true
  }
}

/** Names that people give differ in length or ends, or are few. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  return (end - start) * 7 + (bytes[start] as number) * 3 + (bytes[end - 1] as number)
}
