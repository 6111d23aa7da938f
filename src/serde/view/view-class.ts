import { inspect } from 'node:util'
import { MillraceError } from '../../core/errors.ts'
import { jsonRow, jsonRowLength } from '../../core/json/batch-scanner.ts'
import { JsonScanner, jsonPlaces } from '../../core/json/json-scanner.ts'
import { type FieldKind, fieldReader } from './field-readers.ts'
import { MemberTexts } from './member-texts.ts'
import { type ChangedTexts, Splicer } from './splice.ts'

/** A value that is no change. */
const unchanged = Symbol('unchanged')

const { start, end, places } = jsonRow

/** What all views of one definition have in common. */
export class ViewShape {
  readonly scanner: JsonScanner
  /** The numbers of a record. */
  readonly rowLength: number
  readonly splicer: Splicer
  readonly names: readonly string[]
  readonly kinds: readonly FieldKind[]
  readonly noChanges: readonly unknown[]
  readonly noTexts: ChangedTexts
  readonly texts: readonly MemberTexts[]

  constructor(fields: Readonly<Record<string, FieldKind>>) {
    this.names = Object.keys(fields)
    this.kinds = Object.values(fields)
    this.scanner = new JsonScanner(this.names)
    this.rowLength = jsonRowLength(this.names.length)
    this.noChanges = this.names.map(() => unchanged)
    this.noTexts = this.names.map(() => undefined)
    this.texts = this.names.map((name, slot) => new MemberTexts(name, this.kinds[slot] as FieldKind))
    this.splicer = new Splicer(
      this.scanner,
      this.texts.map(({ before }) => before),
    )
  }
}

export type ViewClass = new (bytes: Buffer, rows: Int32Array, row: number, changes?: readonly unknown[]) => View

/** Where the class of a definition keeps it. */
const shapeOfClass = Symbol('shape')

/** An object over its JSON. Nothing of it is read before somebody asks. */
export class View {
  declare readonly [shapeOfClass]: ViewShape
  /** It lies there, among others. */
  readonly #bytes: Buffer
  /** Where a scanner found it and its members, from `#row` on. */
  readonly #rows: Int32Array
  readonly #row: number
  /** By slot; undefined removes a member. */
  readonly #changes: readonly unknown[] | undefined
  /** By slot: values that are objects are made once. */
  #objects: unknown[] | undefined

  constructor(bytes: Buffer, rows: Int32Array, row: number, changes?: readonly unknown[]) {
    this.#bytes = bytes
    this.#rows = rows
    this.#row = row
    this.#changes = changes
    this.#objects = undefined
  }

  with(changes: Readonly<Record<string, unknown>>): View {
    const { noChanges, scanner } = this[shapeOfClass]
    if (#bytes in changes) throw illegal('with() is given a view: name the fields that change')
    const all = (this.#changes ?? noChanges).slice()
    for (const name of Object.keys(changes)) {
      const slot = scanner.slotOf(name)
      if (slot < 0) throw illegal(`with() is given the field ${name}, which the view does not have: define it`)
      all[slot] = changes[name]
    }
    const Class = this.constructor as ViewClass
    return new Class(this.#bytes, this.#rows, this.#row, all)
  }

  toObject(): Record<string, unknown> {
    return JSON.parse(View.bytesOf(this).toString()) as Record<string, unknown>
  }

  toJSON(): Record<string, unknown> {
    return this.toObject()
  }

  [inspect.custom](): unknown {
    return this.toObject()
  }

  static is(value: unknown): value is View {
    return typeof value === 'object' && value !== null && #bytes in value
  }

  /** The JSON of the view. Throws what JSON.stringify throws for a value of a change. */
  static bytesOf(view: View): Buffer {
    const changes = view.#changes
    const from = view.#rows[view.#row + start] as number
    const to = view.#rows[view.#row + end] as number
    if (changes === undefined) return view.#bytes.subarray(from, to)
    const shape = view[shapeOfClass]
    const { noTexts, splicer, texts } = shape
    const changed = noTexts.slice()
    for (let slot = 0; slot < texts.length; slot++) {
      const value = changes[slot]
      if (value !== unchanged) changed[slot] = (texts[slot] as MemberTexts).of(value)
    }
    return splicer.splice(view.#bytes, from, to, view.#rows, view.#row + places, changed)
  }

  /** What is called when a field is read. */
  static getter(slot: number, kind: FieldKind): (this: View) => unknown {
    const read = fieldReader(kind)
    const { valueStart, valueEnd, nameStart, perSlot } = jsonPlaces
    const place = places + slot * perSlot
    return function (this: View): unknown {
      const changes = this.#changes
      if (changes !== undefined && changes[slot] !== unchanged) return changes[slot]
      if (this.#objects !== undefined && slot in this.#objects) return this.#objects[slot]
      const rows = this.#rows
      const at = this.#row + place
      const from = rows[at + valueStart] as number
      if (from < 0) return undefined
      const value = read(this.#bytes, from, rows[at + valueEnd] as number, rows[at + nameStart] as number)
      if (typeof value === 'object' && value !== null) (this.#objects ??= [])[slot] = value
      return value
    }
  }
}

/** A class of views with a getter for each field. */
export function viewClass(shape: ViewShape): ViewClass {
  const { names, kinds } = shape
  const Class = class extends View {}
  Object.defineProperty(Class.prototype, shapeOfClass, { value: shape })
  for (const [slot, name] of names.entries()) {
    const get = View.getter(slot, kinds[slot] as FieldKind)
    Object.defineProperty(Class.prototype, name, { get, enumerable: true, configurable: false })
  }
  return Class
}

function illegal(problem: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', problem)
}
