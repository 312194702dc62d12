/** Around the tabs: at the side of a wide screen, at the foot of a phone. */

import {
  BadgeCheck,
  ChartNoAxesCombined,
  Megaphone,
  Moon,
  Package,
  ShieldAlert,
  Store,
  Sun,
  Users,
  Warehouse,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { TABS, useSearch, write, type Tab } from '../state/search'
import { useDark } from '../state/theme'
import { texts } from '../texts'
import { Bell } from './Bell'
import { IconButton } from './controls'
import { LiveState } from './LiveState'

const ICONS: Record<Tab, LucideIcon> = {
  overview: ChartNoAxesCombined,
  products: Package,
  customers: Users,
  marketing: Megaphone,
  operations: Warehouse,
  sellers: Store,
  risk: ShieldAlert,
  quality: BadgeCheck,
}

export function Frame({ hasShop, children }: { hasShop: boolean; children: ReactNode }) {
  return (
    <div className="min-h-dvh md:pl-52">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:p-2"
      >
        {texts.skip}
      </a>
      <header className="flex h-14 items-center gap-2 border-b border-line bg-surface px-4 md:fixed md:inset-y-0 md:left-0 md:z-20 md:h-auto md:w-52 md:flex-col md:items-stretch md:gap-6 md:border-r md:border-b-0 md:py-5">
        <Logo />
        <Sections />
        <div className="ml-auto flex items-center gap-1 md:mt-auto md:ml-0 md:flex-col md:items-stretch md:gap-2 md:pl-2">
          <LiveState />
          <div className="flex items-center justify-between gap-1 md:-ml-1.5">
            {hasShop && <Bell />}
            <ThemeButton />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[92rem] p-4 pb-24 outline-none md:p-6">
        {children}
      </main>
    </div>
  )
}

function Logo() {
  return (
    <span className="flex items-center gap-2.5 text-base font-semibold md:px-2">
      <img src="/icon.svg" alt="" className="size-7" />
      {texts.product}
    </span>
  )
}

function Sections() {
  const [search, change] = useSearch()
  return (
    <nav
      aria-label={texts.navigation}
      className="fixed inset-x-0 bottom-0 z-20 flex overflow-x-auto border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:static md:flex-col md:gap-0.5 md:border-0"
    >
      {TABS.map((tab) => (
        <Section
          key={tab}
          tab={tab}
          isOpen={tab === search.tab}
          address={write({ ...search, tab, rows: null }) || '/'}
          onOpen={() => {
            change({ tab, rows: null })
            window.scrollTo(0, 0)
          }}
        />
      ))}
    </nav>
  )
}

/** On a phone the sections are more than fit side by side. */
function intoSight(section: HTMLElement | null) {
  section?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

function Section({
  tab,
  isOpen,
  address,
  onOpen,
}: {
  tab: Tab
  isOpen: boolean
  address: string
  onOpen: () => void
}) {
  const Icon = ICONS[tab]
  return (
    <a
      href={address}
      aria-current={isOpen ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        onOpen()
      }}
      ref={isOpen ? intoSight : null}
      className={`flex min-w-15 flex-1 flex-col items-center gap-1 px-0.5 py-2 text-[10px] tracking-tight md:min-w-0 md:flex-row md:tracking-normal md:gap-3 md:rounded-md md:px-2.5 md:text-sm ${
        isOpen ? 'font-medium text-accent-ink md:bg-accent-soft md:text-ink' : 'text-soft hover:text-ink md:hover:bg-raised'
      }`}
    >
      <Icon size={18} aria-hidden className="shrink-0" />
      {texts.tabs[tab]}
    </a>
  )
}

function ThemeButton() {
  const [dark, toggle] = useDark()
  return (
    <IconButton label={dark ? texts.theme.toLight : texts.theme.toDark} onClick={toggle}>
      {dark ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
    </IconButton>
  )
}
