import { pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import type { Api } from '../../../../src/kafka/wire/protocol/api.ts'

interface ScramUser {
  readonly username: string
  readonly password: string
  readonly hash: 'sha256' | 'sha512'
}

const iterations = 4096

/** AlterUserScramCredentials: only tests make users, so the driver does not speak it. */
const alterUserScramCredentialsApi: Api<readonly ScramUser[], readonly number[]> = {
  key: 51,
  name: 'AlterUserScramCredentials',
  minVersion: 0,
  maxVersion: 0,
  flexibleVersion: 0,
  encode: (writer, version, users) => {
    writer.compactArray([], () => {}, version)
    writer.compactArray(
      users,
      (to, _, { username, password, hash }) => {
        const salt = randomBytes(16)
        to.compactString(username)
        to.int8(hash === 'sha256' ? 1 : 2)
        to.int32(iterations)
        to.compactBytes(salt)
        to.compactBytes(pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash))
        to.uvarint(0)
      },
      version,
    )
    writer.uvarint(0)
  },
  decode: (reader, version) => {
    reader.int32()
    return reader.compactArray((from) => {
      from.compactString()
      const errorCode = from.int16()
      from.nullableCompactString()
      from.skipTags()
      return errorCode
    }, version)
  },
}

/** A request may name a user once only. */
export async function createScramUser(cluster: Cluster, user: ScramUser): Promise<void> {
  const [errorCode] = await cluster.requestAny(alterUserScramCredentialsApi, [user])
  if (errorCode !== 0) throw new Error(`cannot create SCRAM user ${user.username}: ${errorCode}`)
}
