import type { InputParts } from '../input.ts'
import type { InputName } from '../tally.ts'

/** Stores what was read, within the bound of all inputs. What is too large is refused, since it would be read without end. */
export async function storeValues(
  name: InputName,
  { intake, tally }: InputParts,
  values: readonly Uint8Array[],
  keyOfRedis: string,
): Promise<void> {
  const bytesMax = intake.recordBytesMax
  const taken = values.filter((value) => value.length <= bytesMax)
  for (const value of values) {
    if (value.length > bytesMax)
      tally.refuse(name, 'too-large', 1, `${value.length} bytes of ${keyOfRedis}: at most ${bytesMax} are taken`)
  }
  const bytes = taken.reduce((sum, value) => sum + value.length, 0)
  intake.reserveAnyway(bytes)
  try {
    await intake.store(taken.map((value) => ({ key: null, value })))
  } finally {
    intake.release(bytes)
  }
  tally.accept(name, taken.length)
}
