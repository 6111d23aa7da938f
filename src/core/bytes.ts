/** Bytes as every layer passes them: a view that must not be changed after it was passed on. */
export type Bytes = Uint8Array

export const emptyBytes: Bytes = new Uint8Array(0)

/** Unsigned lexicographic order, the order of every store and of Java's `Bytes`. */
export function compareBytes(left: Bytes, right: Bytes): number {
  return Buffer.compare(left, right)
}
