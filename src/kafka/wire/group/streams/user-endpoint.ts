/** Where a process answers queries, as a request says it. */
export interface UserEndpoint {
  readonly host: string
  readonly port: number
}

/** undefined for a text that is not `host:port`. */
export function userEndpoint(applicationServer: string | undefined): UserEndpoint | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(applicationServer ?? '') ?? []
  if (host === undefined || port === undefined || Number(port) > 0xffff) return undefined
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}
