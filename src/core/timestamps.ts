/** Times that Kafka, our bytes and our arithmetic carry without loss: whole milliseconds from 0 to 2^53 - 1. */
export function isTimestamp(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
