// @ts-check
import { Agent, request } from 'undici'
import { adminToken } from './credentials.mjs'

/** @typedef {Record<string, any>} KubernetesObject */

/** Calls of a kube-apiserver on this machine, as its administrator. A status that is no success is thrown with its text. */
export class KubernetesApi {
  #address
  /** The certificate of the server is its own. */
  #agent = new Agent({ connect: { rejectUnauthorized: false } })

  /** @param {string} address */
  constructor(address) {
    this.#address = address
  }

  /** Where it is reached, as processes in a pod see it. */
  get address() {
    return new URL(this.#address)
  }

  /** @param {string} path */
  async answers(path) {
    try {
      await this.get(path)
      return true
    } catch {
      return false
    }
  }

  /** @param {string} path @returns {Promise<KubernetesObject>} */
  get(path) {
    return this.#call('GET', path)
  }

  /** @param {string} path @returns {Promise<KubernetesObject[]>} */
  async list(path) {
    return (await this.get(path)).items
  }

  /** @param {string} path @param {KubernetesObject} body */
  post(path, body) {
    return this.#call('POST', path, JSON.stringify(body))
  }

  /** @param {string} path @param {KubernetesObject} body */
  patch(path, body) {
    return this.#call('PATCH', path, JSON.stringify(body), 'application/merge-patch+json')
  }

  /** Server-side apply: what is sent is owned by this manager, unknown fields are refused. @param {string} path @param {KubernetesObject} body @param {{ readonly dryRun?: boolean }} options */
  apply(path, body, { dryRun = false } = {}) {
    const query = `fieldManager=millrace&fieldValidation=Strict&force=true${dryRun ? '&dryRun=All' : ''}`
    return this.#call('PATCH', `${path}?${query}`, JSON.stringify(body), 'application/apply-patch+yaml')
  }

  /** @param {string} path @param {{ readonly graceSeconds?: number }} options */
  remove(path, { graceSeconds } = {}) {
    return this.#call(
      'DELETE',
      path,
      graceSeconds === undefined ? '' : JSON.stringify({ gracePeriodSeconds: graceSeconds }),
    )
  }

  async close() {
    await this.#agent.destroy()
  }

  /**
   * @param {'GET' | 'POST' | 'PATCH' | 'DELETE'} method
   * @param {string} path
   * @param {string} body
   * @param {string} contentType
   * @returns {Promise<KubernetesObject>}
   */
  async #call(method, path, body = '', contentType = 'application/json') {
    const response = await request(`${this.#address}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': contentType },
      body: body === '' ? null : body,
    })
    const text = await response.body.text()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 600)}`)
    return text.startsWith('{') ? JSON.parse(text) : {}
  }
}
