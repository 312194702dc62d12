/** Light or dark, as the system has it or as the reader chose. */

import { useSyncExternalStore } from 'react'

const CHANGED = 'theme-changed'

function subscribe(onChange: () => void): () => void {
  window.addEventListener(CHANGED, onChange)
  return () => window.removeEventListener(CHANGED, onChange)
}

function isDark(): boolean {
  return document.documentElement.classList.contains('dark')
}

/** Whether the page is dark, and what changes that. */
export function useDark(): [boolean, () => void] {
  const dark = useSyncExternalStore(subscribe, isDark)
  const toggle = () => {
    document.documentElement.classList.toggle('dark', !dark)
    document.cookie = `theme=${dark ? 'light' : 'dark'}; path=/; max-age=31536000; samesite=strict`
    window.dispatchEvent(new Event(CHANGED))
  }
  return [dark, toggle]
}
