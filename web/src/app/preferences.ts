import { useSyncExternalStore } from 'react'
import { forget, keep, readKept } from '../lib/store.ts'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'tidemark.theme'
const listeners = new Set<() => void>()
let theme: Theme = readTheme()

function readTheme(): Theme {
  const kept = readKept(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function setTheme(next: Theme): void {
  theme = next
  if (next === 'system') {
    forget(KEY)
    delete document.documentElement.dataset.theme
  } else {
    keep(KEY, next)
    document.documentElement.dataset.theme = next
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', listener)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => theme)
}

/** Whether the page is dark now, for what is drawn on a canvas and cannot follow the style sheet. */
export function useIsDark(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches),
  )
}
