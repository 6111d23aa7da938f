const servers =
  'the servers are those of --bootstrap (KAFKA_BOOTSTRAP_SERVERS): check that they run, and that this machine reaches the address that they advertise'
const tls =
  'TLS is set by KAFKA_TLS, KAFKA_TLS_CA_FILE, KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE; the servers by --bootstrap (KAFKA_BOOTSTRAP_SERVERS)'
const login = 'the login is set by KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'
const rights =
  'the user of this command (KAFKA_SASL_USERNAME, or the certificate) lacks a right; millrace acl lists those of an application'

const byCode: Readonly<Record<string, string>> = {
  ANSWER_OVERDUE: servers,
  CONNECTION_CLOSED: servers,
  CONNECTION_FAILED: servers,
  CONNECT_TIMEOUT: servers,
  NOT_KAFKA: servers,
  OPS_PORT_IN_USE: 'the port is that of OPS_PORT; 0 takes a free one',
  TLS_EXPECTED: tls,
  TLS_NOT_SPOKEN: tls,
  TLS_REFUSED: tls,
  TLS_UNTRUSTED: tls,
  SASL_AUTHENTICATION_FAILED: login,
  UNSUPPORTED_SASL_MECHANISM: login,
  CLUSTER_AUTHORIZATION_FAILED: rights,
  GROUP_AUTHORIZATION_FAILED: rights,
  TOPIC_AUTHORIZATION_FAILED: rights,
}

/** A sentence that names the settings behind an error of the connection; the error itself names the server. */
export function settingsToCheck(code: string | undefined): string | undefined {
  return code === undefined ? undefined : byCode[code]
}
