import { useCallback, useEffect, useRef, useState } from 'react'
import { noNumbers, NumbersSource, type NumbersState } from './numbers-source.ts'

/** Numbers of an address, asked for again and again while the page can be seen; and a function that asks now. */
export function useNumbers(
  url: string,
  { token, refreshMs }: { readonly token: string | undefined; readonly refreshMs: number },
): readonly [NumbersState, () => void] {
  const [state, setState] = useState(noNumbers)
  const source = useRef<NumbersSource>(undefined)
  useEffect(() => {
    const isVisible = (): boolean => document.visibilityState === 'visible'
    const opened = new NumbersSource({ url, token, refreshMs, changed: setState }, isVisible())
    const follow = (): void => opened.setVisible(isVisible())
    document.addEventListener('visibilitychange', follow)
    source.current = opened
    return () => {
      document.removeEventListener('visibilitychange', follow)
      opened.close()
    }
  }, [url, token, refreshMs])
  return [state, useCallback(() => source.current?.refresh(), [])]
}
