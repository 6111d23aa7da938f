import { beforeAll, expect, test } from '@jest/globals'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { loadZstd } from '../../../../../src/kafka/wire/codec/compression-zstd.ts'
import { decodeBatch } from '../../../../../src/kafka/wire/codec/record-batch-reader.ts'
import { readBatchHeader } from '../../../../../src/kafka/wire/codec/record-codec.ts'

/** A batch of twelve records per codec, as Kafka 4.3.1's Java producer wrote it and the broker stored it. */
const fromJava: Readonly<Record<Compression, string>> = {
  none:
    'AAAAAAAAAAAAAAIjAAAAAAIMGHFhAAAAAAALAAABogzPjT8AAAGiDM+NSAAAAAAAAACNAAAAAAAAAAAADFAAAAAKa2V5LTAyaGVs' +
    'bG8gZnJvbSBqYXZhLCByZWNvcmQgMAICaAIwUAASAgprZXktMTJoZWxsbyBmcm9tIGphdmEsIHJlY29yZCAxAgJoAjFQABIECmtl' +
    'eS0yMmhlbGxvIGZyb20gamF2YSwgcmVjb3JkIDICAmgCMlAAEgYKa2V5LTMyaGVsbG8gZnJvbSBqYXZhLCByZWNvcmQgMwICaAIz' +
    'UAASCAprZXktNDJoZWxsbyBmcm9tIGphdmEsIHJlY29yZCA0AgJoAjRQABIKCmtleS01MmhlbGxvIGZyb20gamF2YSwgcmVjb3Jk' +
    'IDUCAmgCNVAAEgwKa2V5LTYyaGVsbG8gZnJvbSBqYXZhLCByZWNvcmQgNgICaAI2UAASDgprZXktNzJoZWxsbyBmcm9tIGphdmEs' +
    'IHJlY29yZCA3AgJoAjdQABIQCmtleS04MmhlbGxvIGZyb20gamF2YSwgcmVjb3JkIDgCAmgCOFAAEhIKa2V5LTkyaGVsbG8gZnJv' +
    'bSBqYXZhLCByZWNvcmQgOQICaAI5VgASFAxrZXktMTA0aGVsbG8gZnJvbSBqYXZhLCByZWNvcmQgMTACAmgEMTBWABIWDGtleS0x' +
    'MTRoZWxsbyBmcm9tIGphdmEsIHJlY29yZCAxMQICaAQxMQ==',
  gzip:
    'AAAAAAAAAAAAAADmAAAAAALBJJm0AAEAAAALAAABogzPkn8AAAGiDM+SigAAAAAAAACOAAAAAAAAAAAADB+LCAAAAAAAAP910cEK' +
    'gkAQgOFhkQiRCBHP+wAFO+u6q2/hybuUIWUIHoLevpnpPPfv9P8DAOSv+Xt1fpnXdbOPfXvb5/SZLnafb9t+t86YxbgBSiMQVYgM' +
    'kWAm0KvQM/QEDwIbFTYMmwGqo8CgwsAwEMwFtipsGbYEC4FRhZFhJHgSmFSYGCaCZ4GdCjuGHcFSYK/CnmE/QlUVEtwFtTi/ydCN' +
    'UNd/i7pFsfgDW8UxFvIBAAA=',
  snappy:
    'AAAAAAAAAAAAAAE3AAAAAAJzVyBjAAIAAAALAAABogzPmGwAAAGiDM+YnAAAAAAAAACPAAAAAAAAAAAADIJTTkFQUFkAAAAAAQAA' +
    'AAEAAADy8gPIUAAAAAprZXktMDJoZWxsbyBmcm9tIGphdmEsIHJlY29yZCAwAgJoAjBQAF4CCmtleS0xYikAJDECAmgCMVAAXgQF' +
    'KQAyYikAADIBKRAyUABeBgUpADNiKQAAMwEpEDNQAGAIBSkANGIpAAA0ASkQNFAAYAoFKQA1YikAADUBKRA1UABgDAUpADZiKQAA' +
    'NgEpEDZQAGAOBSkAN2IpAAA3ASkQN1AAYBAFKQA4YikAADgBKRA4UABgEgUpBDkyXnEBADkBKRQ5VgBgFAwhmggxMDReKgAAMSGc' +
    'GAQxMFYAYBYJLAAxZiwAGDECAmgEMTE=',
  lz4:
    'AAAAAAAAAAAAAAEtAAAAAALpeT2VAAMAAAALAAABogzPoxQAAAGiDM+jRAAAAAAAAACQAAAAAAAAAAAADAQiTRhgQILtAAAA8R5Q' +
    'AAAACmtleS0wMmhlbGxvIGZyb20gamF2YSwgcmVjb3JkIDACAmgCMFAAXAIpAB8xKQAGEDEpAFExUABeBCkAHzIpAAYQMikAUTJQ' +
    'AF4GKQAfMykABhAzKQBRM1AAXggpAB80KQAGEDQpAFE0UABeCikAHzUpAAYQNSkAUTVQAGAMKQAfNikABhA2KQBRNlAAYA4pAB83' +
    'KQAGEDcpAFE3UABgECkAHzgpAAYQOCkAUThQAGASKQAfOSkABhA5KQBgOVYAYBQMmgE/MTA0mwEFEDGcAXIEMTBWAGAWLAAfMSwA' +
    'B3AxAgJoBDExAAAAAA==',
  zstd:
    'AAAAAAAAAAAAAADyAAAAAAIk65tJAAQAAAALAAABogzPqf8AAAGiDM+qIQAAAAAAAACRAAAAAAAAAAAADCi1L/0AWKwFAEJIHSBQ' +
    'pTgHAJFOPNYqHLuXak2WofZ/d29+AJyQjMS6qi17CrsrZu4eFod0V8zUfbqKgQ85jlPgd9M0BH4zDDPg97IsCr8hhAm/33sCfjvn' +
    'As+7tbae9+6m4q0ZM5U1KoohVQwRAUQPFqEqB6OmSYpNEwESJPnfAR8AwIqnsNQUDLAF1gPLwD1gCdgLToHFwApwCiwGVoBTYDGw' +
    'ApwCi4EV4BRYDKwAp8BiYAU4BRYDK8ouVQYBAAA=',
}

beforeAll(() => loadZstd())

test.each(Object.entries(fromJava))('a batch that Java wrote with %s is read', (_compression, stored) => {
  const bytes = Buffer.from(stored, 'base64')
  const batch = decodeBatch('logs', 0, bytes, readBatchHeader(bytes, 0)!, 0)
  expect(batch.count).toBe(12)
  for (let index = 0; index < 12; index++) {
    expect(Buffer.from(batch.key(index)!).toString()).toBe(`key-${index}`)
    expect(Buffer.from(batch.value(index)!).toString()).toBe(`hello from java, record ${index}`)
    expect(batch.headers(index)).toEqual([{ key: 'h', value: Buffer.from(String(index)) }])
  }
})
