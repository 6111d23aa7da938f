/** Sends one SASL message and resolves with the broker's answer. */
export type SaslSend = (message: Uint8Array) => Promise<Uint8Array>
