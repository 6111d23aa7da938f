import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const openssl = 'openssl'

export interface Certificate {
  readonly certificate: string
  readonly key: string
  /** A file with both, as Kafka takes a PEM key store. */
  readonly keyStore: string
}

/** A certificate authority of one test run, made with openssl. */
export class TestAuthority {
  readonly #folder: string
  readonly certificateFile: string

  constructor(folder: string, name: string) {
    this.#folder = join(folder, name)
    mkdirSync(join(this.#folder, 'new'), { recursive: true })
    writeFileSync(join(this.#folder, 'index'), '')
    writeFileSync(join(this.#folder, 'serial'), '1000\n')
    writeFileSync(join(this.#folder, 'ca.cnf'), configurationOf(this.#folder))
    this.certificateFile = join(this.#folder, 'ca.pem')
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    )
  }

  /** `subjectAltName` as `IP:127.0.0.1`; `isExpired`: its time is over since 2021. */
  issue(name: string, subjectAltName: string, isExpired = false): Certificate {
    writeFileSync(join(this.#folder, `${name}.ext`), `subjectAltName=${subjectAltName}\n`)
    this.#openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    const dates = isExpired ? ['-startdate', '200101000000Z', '-enddate', '210101000000Z'] : ['-days', '2']
    this.#openssl(
      'ca',
      '-batch',
      '-config',
      'ca.cnf',
      '-extfile',
      `${name}.ext`,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
      '-notext',
      ...dates,
    )
    const files = { certificate: join(this.#folder, `${name}.pem`), key: join(this.#folder, `${name}.key`) }
    const keyStore = join(this.#folder, `${name}.store.pem`)
    writeFileSync(keyStore, readFileSync(files.key, 'utf8') + readFileSync(files.certificate, 'utf8'))
    return { ...files, keyStore }
  }

  #openssl(...options: readonly string[]): void {
    execFileSync(openssl, options, { cwd: this.#folder, stdio: 'pipe' })
  }
}

function configurationOf(folder: string): string {
  return `[ca]
default_ca = test
[test]
dir = ${folder}
new_certs_dir = ${folder}/new
database = ${folder}/index
serial = ${folder}/serial
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
`
}
