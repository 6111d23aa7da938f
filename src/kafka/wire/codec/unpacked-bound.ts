/** No batch that a producer wrote is larger unpacked: one that claims to be would end the process for want of memory. */
export const unpackedBytesMax = 256 * 1024 * 1024

/** Throws RangeError beyond the bound. */
export function checkUnpacked(byteLength: number): void {
  if (byteLength > unpackedBytesMax) throw new RangeError(`it is more than ${unpackedBytesMax} bytes unpacked`)
}
