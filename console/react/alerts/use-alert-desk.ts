import { useEffect, useReducer, useState } from 'react'
import { AlertDesk } from './alert-desk.ts'

const tickMs = 5000

/** A desk that lives as long as its address and its token stay the same. The component is drawn again when something changes, and as time passes. */
export function useAlertDesk(url: string, token: string | undefined): AlertDesk | undefined {
  const [desk, setDesk] = useState<AlertDesk>()
  const [, drawAgain] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const opened = new AlertDesk({ url, token }, drawAgain)
    setDesk(opened)
    const timer = setInterval(() => {
      opened.pass()
      drawAgain()
    }, tickMs)
    return () => {
      clearInterval(timer)
      opened.close()
    }
  }, [url, token])
  return desk
}
