import { MillraceError } from '../../../core/errors.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/**
 * One request of Kafka's protocol with its response, in the versions that this driver uses. A
 * connection is given one of the objects in `generated/`, with the fields of a request.
 *
 * In every response, `throttleTimeMs` is how long the broker held the request back because of a quota (0: not at all),
 * `errorCode` is 0 or a code of Kafka that `protocol-errors.ts` translates, and `errorMessage` may be null.
 */
export interface Api<Request, Response> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** From this version on, headers and bodies carry tagged fields. */
  readonly flexibleVersion: number
  /** Throws UNSUPPORTED_FIELD if a field is set that `version` lacks and that the broker could not do without. */
  encode(writer: Writer, version: number, request: Request): void
  /** Throws what `Reader` throws when the response is shorter than its fields; fields that are not known are skipped. */
  decode(reader: Reader, version: number): Response
}

/** The versions of a request that a broker offers, both inclusive. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** The newest version both sides speak. Throws UNSUPPORTED_BROKER (fatal) if there is none. */
export function negotiateVersion(
  api: Pick<Api<never, unknown>, 'key' | 'name' | 'minVersion' | 'maxVersion'>,
  offered: VersionRange | undefined,
  broker: string,
): number {
  const version = Math.min(api.maxVersion, offered?.max ?? -1)
  if (offered === undefined || version < Math.max(api.minVersion, offered.min)) {
    const theirs = offered === undefined ? 'does not offer it' : `offers ${offered.min} to ${offered.max}`
    throw new MillraceError(
      'UNSUPPORTED_BROKER',
      'fatal',
      `millrace speaks versions ${api.minVersion} to ${api.maxVersion} of ${api.name}, but broker ${broker} ${theirs}: use Apache Kafka 3.1 or newer`,
      { details: { apiKey: api.key } },
    )
  }
  return version
}

/** A field was set that the negotiated version cannot carry. */
export function unsupported(message: string, field: string, version: number): never {
  throw new MillraceError(
    'UNSUPPORTED_FIELD',
    'fatal',
    `${message} cannot carry ${field} in version ${version}, the newest that this broker speaks: leave it unset or use a newer broker`,
  )
}
