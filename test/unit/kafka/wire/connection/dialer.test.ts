import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Dialer } from '../../../../../src/kafka/wire/connection/dialer.ts'
import type { TlsOptions } from '../../../../../src/kafka/wire/connection/tls.ts'

const nobody = { host: '127.0.0.1', port: 1 }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const der = privateKey.export({ type: 'pkcs8', format: 'der' })

function file(content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'millrace-tls-')), 'file.pem')
  writeFileSync(path, content)
  return path
}

const faultOf = (options: TlsOptions): unknown => faultOfDial(new Dialer(options))

/** What dialling throws at once; undefined when it begins. */
function faultOfDial(dialer: Dialer): unknown {
  try {
    dialer
      .dial(nobody)
      .on('error', () => {})
      .destroy()
    return undefined
  } catch (error) {
    return error
  }
}

test.each([
  ['the bytes of a key', der.toString('latin1')],
  ['a key without its frame', der.toString('base64')],
  ['the middle of a key with a slash in front', `/${der.toString('base64').slice(0, 64)}\n${der.toString('base64')}`],
])('%s, given for PEM, are refused without being shown', (_name, key) => {
  const { code, message } = faultOf({ key }) as { code: string; message: string }
  expect(code).toBe('INVALID_OPTION')
  expect(message).toContain('tls.key is neither text of PEM nor a file')
  expect(message).not.toContain(key.slice(1, 40))
})

test('a file that is not there or holds no PEM is refused by its path', () => {
  expect(String(faultOf({ ca: '/nowhere/ca.pem' }))).toContain(
    'tls.ca is /nowhere/ca.pem, which cannot be read (ENOENT)',
  )
  const path = file(der)
  expect(String(faultOf({ key: path }))).toContain(`tls.key is ${path}, which is not a PEM file`)
})

test('PEM that cannot be used is refused with what to check', () => {
  const cert = '-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n'
  expect(faultOf({ cert, key: pem })).toMatchObject({ code: 'INVALID_OPTION', consequence: 'fatal' })
  expect(String(faultOf({ cert, key: pem }))).toContain('tls.ca, tls.cert and tls.key cannot be used')
})

test('files are read for each connection, and what they held before serves while a renewal is half done', () => {
  const path = file(pem)
  const dialer = new Dialer({ key: path })
  expect(faultOfDial(dialer)).toBeUndefined()
  writeFileSync(path, 'half of a k')
  expect(faultOfDial(dialer)).toBeUndefined()
})

test('what another cluster could read does not serve for a half renewed file', () => {
  const path = file(pem)
  const options = { key: path }
  expect(faultOf(options)).toBeUndefined()
  writeFileSync(path, 'half of a k')
  expect(faultOf(options)).toMatchObject({ code: 'INVALID_OPTION' })
})
