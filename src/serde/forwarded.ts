import type { Bytes } from '../core/bytes.ts'
import type { Serde } from './serde.ts'

/** The parts of a serde that load something before it is used. */
type Loading = Pick<Serde<unknown>, 'resolve' | 'prepare'>

/**
 * The parts of an inner serde that the serde around it hands on: `resolve` for the parts that the inner one will read, `prepare` for the
 * topic. `partsOf` may throw; such bytes are left to `deserialize` to report.
 */
export function forwarded(
  inner: Loading,
  partsOf: (bytes: Bytes, topic: string) => readonly Bytes[],
  innerTopic: (topic: string) => string = (topic) => topic,
): Loading {
  return {
    ...(inner.resolve && {
      resolve: (bytes: Bytes, topic: string) =>
        resolveParts(inner, partsOrNone(partsOf, bytes, topic), innerTopic(topic)),
    }),
    ...(inner.prepare && { prepare: (topic: string) => inner.prepare?.(innerTopic(topic)) }),
  }
}

function partsOrNone(
  partsOf: (bytes: Bytes, topic: string) => readonly Bytes[],
  bytes: Bytes,
  topic: string,
): readonly Bytes[] {
  try {
    return partsOf(bytes, topic)
  } catch {
    return []
  }
}

function resolveParts(inner: Loading, parts: readonly Bytes[], topic: string): Promise<void> | undefined {
  const missing = parts.flatMap((part) => inner.resolve?.(part, topic) ?? [])
  return missing.length < 2 ? missing[0] : Promise.all(missing).then(() => {})
}
