/** Flash sales against their quotas. */

import type { FlashSale } from '../../api/marts'
import { EVERY, PATHS, useTable } from '../../api/queries'
import * as format from '../../format/format'
import { Loaded } from '../../parts/Loaded'
import { Panel } from '../../parts/Panel'
import { useNow } from '../../state/now'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const t = texts.operations

/** Whether it is under way, still to come, or over. */
export function stateOf(sale: Pick<FlashSale, 'is_running' | 'starts_at'>, now: number): string {
  if (sale.is_running) return t.running
  return Date.parse(sale.starts_at) > now ? t.toCome : t.ended
}

export function FlashSales() {
  const query = useTable<FlashSale>(PATHS.flashSales, { limit: 50 }, EVERY.live)
  return (
    <Panel title={t.flashSales} scope={texts.scope.live}>
      <Loaded query={query} isEmpty={(page) => page.data.length === 0} empty={t.noFlashSales}>
        {(page) => (
          // It scrolls, so that it must be reachable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <ul aria-label={t.flashSales} tabIndex={0} className="flex max-h-80 flex-col gap-3 overflow-y-auto">
            {page.data.map((sale) => (
              <Sale key={sale.flash_sale_id} sale={sale} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  )
}

function Sale({ sale }: { sale: FlashSale }) {
  const { timeZone } = useShop()
  const state = stateOf(sale, useNow())
  const limit =
    state === t.toCome ? t.from(format.moment(sale.starts_at, timeZone)) : t.until(format.moment(sale.ends_at, timeZone))
  return (
    <li>
      <div className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{sale.product_name}</span>
        <span className="whitespace-nowrap">{format.money(sale.sale_price, sale.currency || null)}</span>
      </div>
      <div aria-hidden className="my-1.5 h-2 rounded-full bg-raised">
        <div className="h-full rounded-full bg-accent-line" style={{ width: `${Math.min(100, 100 * sale.sold_rate)}%` }} />
      </div>
      <p className="flex justify-between gap-3 text-xs text-soft">
        <span>{t.sold(format.count(sale.sold_count), format.count(sale.quota))}</span>
        <span>{`${state}, ${limit}`}</span>
      </p>
    </li>
  )
}
