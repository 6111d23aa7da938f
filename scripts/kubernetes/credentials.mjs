// @ts-check
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../lab/processes.mjs'

export const adminToken = 'admintoken'

/**
 * Keys, certificates and tokens of a control plane on this machine: nobody else can reach it.
 * @param {string} folder
 * @param {string} server
 */
export async function writeCredentials(folder, server) {
  const at = (/** @type {string} */ name) => join(folder, name)
  const openssl = (/** @type {readonly string[]} */ ...args) => run('openssl', args)
  writeFileSync(at('tokens.csv'), `${adminToken},admin,1,"system:masters"\n`)
  writeFileSync(at('kubeconfig'), JSON.stringify(kubeconfig(server)))
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  await openssl('genrsa', '-out', at('accounts.key'), '2048')
  const authority = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=lab']
  await openssl('req', ...authority, '-keyout', at('ca.key'), '-out', at('ca.crt'))
  const request = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost']
  await openssl('req', ...request, '-keyout', at('tls.key'), '-out', at('tls.csr'))
  const signed = ['-req', '-in', at('tls.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial']
  await openssl('x509', ...signed, '-days', '7', '-extfile', at('names'), '-out', at('tls.crt'))
}

/** @param {string} server */
function kubeconfig(server) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'lab',
  }
}
