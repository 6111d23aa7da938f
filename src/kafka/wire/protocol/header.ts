import type { Api } from './api.ts'
import { apiVersionsApi } from './generated/api-versions.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

const lengthBytes = 4

/** A whole request: length, header, body. Large bytes of the body are separate parts, not copied. */
export function encodeRequest<Request>(
  api: Api<Request, unknown>,
  version: number,
  correlationId: number,
  clientId: string,
  body: Request,
): readonly Buffer[] {
  const writer = new Writer()
  writer.int32(0)
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(correlationId)
  writer.nullableString(clientId)
  if (version >= api.flexibleVersion) writer.uvarint(0)
  api.encode(writer, version, body)
  const parts = writer.finishParts()
  parts[0]!.writeInt32BE(writer.byteLength - lengthBytes, 0)
  return parts
}

/** A reader behind the header of a response; ApiVersions alone keeps the old header, so that any client can read it. */
export function responseBody(api: Api<never, unknown>, version: number, frame: Buffer): Reader {
  const reader = new Reader(frame)
  reader.int32()
  if (version >= api.flexibleVersion && api.key !== apiVersionsApi.key) reader.skipTags()
  return reader
}
