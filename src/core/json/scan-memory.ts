import { jsonScanModule } from './json-scan-module.ts'
import type { MemberNames } from './member-names.ts'

/** What `assembly/json-scan.ts` exports: a function, and what lies where in its memory. */
interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  scan(count: number, slots: number, tableMask: number, shift: number): void
  readonly tableAt: Place
  readonly namesAt: Place
  readonly poolAt: Place
  readonly poolBytes: Place
  readonly rangesAt: Place
  readonly rangesMost: Place
  readonly inputAt: Place
  readonly inputBytes: Place
  readonly outputAt: Place
  readonly outputBytes: Place
}

interface Place {
  readonly value: number
}

/** The part of WebAssembly that is used: the types of Node leave it out. */
interface WebAssemblyPart {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

let shared: ScanMemory | null | undefined

/**
 * The scanner of `assembly/json-scan.ts` with its memory of 128 KiB, one for all definitions of a thread. Nothing in it
 * counts after a call but the output, which is there until the next.
 */
export class ScanMemory {
  /** From where to before where each object lies in the input. */
  readonly ranges: Int32Array
  readonly rangesMost: number
  readonly inputBytes: number
  /** A row for each object. */
  readonly output: Int32Array
  readonly #exports: ScanExports
  readonly #input: Buffer
  readonly #names: Uint32Array
  readonly #table: Uint16Array
  readonly #pool: Buffer
  #loaded: MemberNames | undefined

  private constructor(exports: ScanExports) {
    const { buffer } = exports.memory
    this.#exports = exports
    this.rangesMost = exports.rangesMost.value
    this.inputBytes = exports.inputBytes.value
    this.ranges = new Int32Array(buffer, exports.rangesAt.value, this.rangesMost * 2)
    this.output = new Int32Array(buffer, exports.outputAt.value, exports.outputBytes.value >> 2)
    this.#input = Buffer.from(buffer, exports.inputAt.value, this.inputBytes)
    this.#table = new Uint16Array(buffer, exports.tableAt.value, (exports.namesAt.value - exports.tableAt.value) >> 1)
    this.#names = new Uint32Array(buffer, exports.namesAt.value, (exports.poolAt.value - exports.namesAt.value) >> 2)
    this.#pool = Buffer.from(buffer, exports.poolAt.value, exports.poolBytes.value)
  }

  /** undefined where WebAssembly, or its instructions for 16 bytes at once, are not allowed. */
  static shared(): ScanMemory | undefined {
    shared ??= ScanMemory.#start()
    return shared ?? undefined
  }

  static #start(): ScanMemory | null {
    const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyPart }
    if (WebAssembly === undefined) return null
    try {
      const module = new WebAssembly.Module(Buffer.from(jsonScanModule, 'base64'))
      return new ScanMemory(new WebAssembly.Instance(module).exports as ScanExports)
    } catch {
      // A policy of the host, an old processor, or no address space for the memory.
      return null
    }
  }

  hasPlaceFor({ bytes, table }: MemberNames): boolean {
    const poolBytes = bytes.reduce((sum, { length }) => sum + length, 0)
    return (
      table.length <= this.#table.length && bytes.length * 2 <= this.#names.length && poolBytes <= this.#pool.length
    )
  }

  /** Looks at the objects in the ranges, which count from `from`, and writes their rows. */
  scan(names: MemberNames, bytes: Buffer, from: number, to: number, count: number): void {
    if (this.#loaded !== names) this.#load(names)
    bytes.copy(this.#input, 0, from, to)
    this.#exports.scan(count, names.bytes.length, names.table.length - 1, from)
  }

  #load(names: MemberNames): void {
    this.#loaded = names
    this.#table.set(names.table)
    let at = 0
    for (const [slot, name] of names.bytes.entries()) {
      this.#pool.set(name, at)
      this.#names[slot * 2] = this.#pool.byteOffset + at
      this.#names[slot * 2 + 1] = name.length
      at += name.length
    }
  }
}
