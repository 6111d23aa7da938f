/** The base of the objects that users hold: a handle carries data that other handles can read and users cannot. */
export abstract class Handle<Held> {
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  protected get held(): Held {
    return this.#held
  }

  /** The content of a handle; undefined for a value that is no handle of this library. */
  static heldBy<Held>(handle: unknown): Held | undefined {
    if (typeof handle !== 'object' || handle === null || !(#held in handle)) return undefined
    return (handle as Handle<never>).#held
  }
}
