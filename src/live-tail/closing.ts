interface Part {
  close(): void | Promise<void>
}

/** Parts that are closed in the reverse order. */
export class Closing {
  readonly #parts: Part[] = []

  keep<Kept extends Part>(part: Kept): Kept {
    this.#parts.unshift(part)
    return part
  }

  async close(): Promise<void> {
    for (const part of this.#parts) await part.close()
  }
}
