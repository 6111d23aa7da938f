import { type LogFilters, LogStreamViewer, type LogView, parametersOfView, viewOfParameters } from '@millrace/react'
import { type ReactNode, useState } from 'react'
import { TokenForm } from './token-form.tsx'

const endpoint = new URL('logs/stream', document.baseURI).href

/** What a button shows. */
const choices: readonly { readonly title: string; readonly filters: LogFilters }[] = [
  { title: 'Everything', filters: {} },
  { title: 'Errors', filters: { levels: ['error', 'critical'] } },
  { title: 'Slow payments', filters: { services: ['payments'], when: 'durationMs > 1000' } },
]

/** A page of an application, with logs in it. Its address carries what it shows. */
export function LogPage(): ReactNode {
  const [{ filters: firstFilters, ...start }] = useState(readView)
  const [filters, setFilters] = useState(firstFilters)
  const [token, setToken] = useState(() => sessionStorage.getItem('token') ?? undefined)
  const [needsToken, setNeedsToken] = useState(false)
  const show = (view: LogView): void => {
    setFilters(view.filters)
    history.replaceState(undefined, '', addressOf(view))
  }
  return (
    <>
      <header>
        <h1>Logs of the shop</h1>
        {choices.map((choice) => (
          <button key={choice.title} type="button" onClick={() => show({ filters: choice.filters })}>
            {choice.title}
          </button>
        ))}
      </header>
      <main>
        {needsToken ? (
          <TokenForm
            onToken={(entered) => {
              sessionStorage.setItem('token', entered)
              setToken(entered)
              setNeedsToken(false)
            }}
          />
        ) : (
          <LogStreamViewer
            endpoint={endpoint}
            token={token}
            filters={filters}
            start={start}
            exportEnabled
            linkTo={addressOf}
            onViewChange={show}
            onRefused={({ status }) => setNeedsToken(status === 401)}
          />
        )}
      </main>
    </>
  )
}

function readView(): LogView {
  return viewOfParameters(new URLSearchParams(location.search))
}

function addressOf(view: LogView): string {
  const address = new URL(location.href)
  address.search = parametersOfView(view).toString()
  return address.href
}
