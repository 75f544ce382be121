import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useWords, setLanguage } from '../lib/i18n.ts'
import type { Language } from '../lib/format.ts'
import { paths, serverPaths } from '../lib/paths.ts'
import { Account } from './Account.tsx'
import { Mark } from '../ui/Tide.tsx'
import { setTheme, useTheme, type Theme } from './preferences.ts'
import { versionQuery } from './queries.ts'

export function Shell() {
  const { t } = useWords()
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="button button-main sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:px-4 focus:py-2"
      >
        {t('app.skip')}
      </a>
      <Header />
      <main id="content" tabIndex={-1} className="flex-1 outline-none">
        <Outlet />
      </main>
      <Footer />
    </div>
  )
}

const entries = [
  { to: paths.questionnaire, key: 'questionnaire' },
  { to: paths.calculations, key: 'calculations' },
  { to: paths.sites, key: 'sites' },
  { to: paths.projects, key: 'projects' },
  { to: paths.verify, key: 'verify' },
  { to: paths.factors, key: 'factors' },
  { to: paths.models, key: 'models' },
] as const

function Header() {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const header = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!open) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      header.current?.querySelector<HTMLButtonElement>('[aria-expanded]')?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [open])
  return (
    <header ref={header} className="border-b border-rule bg-surface">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-5 px-4 py-2 sm:px-6">
        <Link
          to={paths.home}
          className="flex min-h-11 items-center gap-2.5"
          aria-label={t('app.home')}
          onClick={() => setOpen(false)}
        >
          <Mark className="h-6 w-8" />
          <span className="font-display text-xl font-semibold tracking-tight">Tidemark</span>
        </Link>
        <button
          type="button"
          className="button button-plain button-small ml-auto xl:hidden"
          aria-expanded={open}
          aria-controls="menu"
          onClick={() => setOpen(!open)}
        >
          {open ? t('app.close') : t('app.menu')}
        </button>
        <div
          id="menu"
          className={`${open ? 'flex' : 'hidden'} w-full flex-col gap-4 py-3 xl:flex xl:w-auto xl:flex-1 xl:flex-row xl:items-center xl:py-0`}
        >
          <nav aria-label={t('app.navigation')} className="flex flex-col xl:flex-row">
            {entries.map(({ to, key }) => (
              <Link
                key={key}
                to={to}
                onClick={() => setOpen(false)}
                className="inline-flex min-h-11 items-center rounded-md px-3 hover:bg-wash xl:px-2.5"
                activeProps={{ className: 'font-semibold text-tide underline decoration-2 underline-offset-8' }}
              >
                {t(`app.nav.${key}`)}
              </Link>
            ))}
          </nav>
          <LanguageChoice />
          <Account onGo={() => setOpen(false)} />
        </div>
      </div>
    </header>
  )
}

const languages: Record<Language, string> = { en: 'English', fr: 'Français' }

function LanguageChoice() {
  const { t, language } = useWords()
  return (
    <label className="border-t border-rule pt-4 xl:ml-auto xl:border-0 xl:pt-0">
      <span className="sr-only">{t('app.language')}</span>
      <select
        className="field min-h-10 py-1 text-[0.9375rem] xl:w-28 xl:px-2"
        value={language}
        onChange={(event) => setLanguage(event.target.value === 'fr' ? 'fr' : 'en')}
      >
        {(Object.keys(languages) as Language[]).map((each) => (
          <option key={each} value={each} lang={each}>
            {languages[each]}
          </option>
        ))}
      </select>
    </label>
  )
}

/** At the foot of the page: chosen once, and by most people by their system. */
function ThemeChoice() {
  const { t } = useWords()
  const theme = useTheme()
  return (
    <label>
      <span className="sr-only">{t('app.theme.label')}</span>
      <select
        className="field min-h-10 py-1 text-[0.9375rem]"
        value={theme}
        onChange={(event) => setTheme(event.target.value as Theme)}
      >
        {(['system', 'light', 'dark'] as const).map((each) => (
          <option key={each} value={each}>
            {t(`app.theme.${each}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Footer() {
  const { t } = useWords()
  const version = useQuery(versionQuery())
  return (
    <footer className="mt-16 border-t border-rule bg-surface text-[0.9375rem] text-soft">
      <div className="mx-auto flex max-w-6xl flex-wrap items-baseline gap-x-6 gap-y-2 px-4 py-6 sm:px-6">
        <p className="font-display text-ink">{t('app.footer.says')}</p>
        <p>{t('app.footer.licence')}</p>
        <ul className="flex flex-wrap gap-x-5 gap-y-1 lg:ml-auto">
          <li>
            <a className="link inline-block py-1" href={serverPaths.docs}>
              {t('app.footer.docs')}
            </a>
          </li>
          <li>
            <a className="link inline-block py-1" href={serverPaths.redoc}>
              {t('app.footer.redoc')}
            </a>
          </li>
          {version.data !== undefined && (
            <li className="figures py-1">{t('app.footer.version', { version: version.data })}</li>
          )}
        </ul>
        <ThemeChoice />
      </div>
    </footer>
  )
}
