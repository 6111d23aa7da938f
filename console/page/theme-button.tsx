import { type ReactNode, useEffect, useState } from 'react'

const themeKey = 'millrace.theme'
const themes = ['system', 'light', 'dark'] as const
type Theme = (typeof themes)[number]

/** Changes between the looks of the system, light and dark. */
export function ThemeButton(): ReactNode {
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((one) => one === localStorage.getItem(themeKey)) ?? 'system',
  )
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    localStorage.setItem(themeKey, theme)
  }, [theme])
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  return (
    <button type="button" onClick={() => setTheme(next)}>
      Theme: {theme}
    </button>
  )
}
