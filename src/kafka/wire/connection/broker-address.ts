/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}
