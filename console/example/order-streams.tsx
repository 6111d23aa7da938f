// #region example
import { StreamsView } from '../react/index.ts'
import '../react/styles.css'

export function OrderStreams({ token }: { readonly token: string }) {
  return <StreamsView endpoint="/streams/" application="orders" refreshIntervalMs={5000} token={token} />
}
// #endregion
