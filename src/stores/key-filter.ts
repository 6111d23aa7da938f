/** Each layer takes a key a word, the last all that come: at most 4.5 MB. */
const layerWords = [1 << 10, 1 << 13, 1 << 16, 1 << 20] as const

/**
 * Tells keys that were never added from those that may have been, by their hash: a Bloom filter whose four bits of a key
 * share a word, so that a look-up in a layer costs one miss of the processor's cache. Of keys that were not added one in
 * a hundred may have been; past a million keys more and more.
 */
export class KeyFilter {
  readonly #layers = [new Int32Array(layerWords[0])]
  #newest = this.#layers[0] as Int32Array
  #room = layerWords[0]

  add(hash: number): void {
    if (this.#room === 0) this.#addLayer()
    this.#room--
    const layer = this.#newest
    const index = hash & (layer.length - 1)
    layer[index] = (layer[index] as number) | bitsOf(hash)
  }

  mayHold(hash: number): boolean {
    const bits = bitsOf(hash)
    for (const layer of this.#layers) {
      if (((layer[hash & (layer.length - 1)] as number) & bits) === bits) return true
    }
    return false
  }

  #addLayer(): void {
    const words = layerWords[this.#layers.length]
    if (words === undefined) {
      this.#room = Number.POSITIVE_INFINITY
      return
    }
    const layer = new Int32Array(words)
    this.#newest = layer
    this.#layers.push(layer)
    this.#room = words
  }
}

function bitsOf(hash: number): number {
  // The lower bits of the hash chose the word.
  const mixed = Math.imul(hash, 0x9e3779b1)
  return (1 << (mixed >>> 27)) | (1 << (mixed >>> 22)) | (1 << (mixed >>> 17)) | (1 << (mixed >>> 12))
}
