/** Shorter parts of a path are words, such as `v2`. */
const partLengthMin = 8

/** Takes secrets out of texts of others, such as an answer that repeats the request. */
export class Mask {
  readonly #secrets: readonly string[]

  constructor(secrets: readonly (string | undefined)[]) {
    const given = secrets.filter((secret) => secret !== undefined && secret !== '') as readonly string[]
    // The longest first: one secret may be a part of another.
    this.#secrets = [...new Set(given)].sort((left, right) => right.length - left.length)
  }

  /** The text with `***` where a secret was. */
  text(text: string): string {
    return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}

/** The parts of an address that let anybody use it: its path and its query. */
export function secretsOf({ pathname, search, searchParams }: URL): readonly string[] {
  const path = decoded(pathname)
  const parts = [pathname, path, search, ...path.split('/'), ...searchParams.values()]
  return parts.filter((part) => part.length >= partLengthMin)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
