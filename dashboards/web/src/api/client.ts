/** Answers of the HTTP API, and the problems it names. */

export interface Envelope {
  as_of: string | null
  is_stale: boolean
  currency: string | null
  time_zone: string
}

export interface Page<Row> extends Envelope {
  data: Row[]
  next_cursor: string | null
}

export type Parameters = Record<string, string | number | readonly string[] | null | undefined>

/** What the API refuses, in its own words (RFC 9457). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail)
    this.name = 'ApiProblem'
  }
}

export const API = '/api/v1'

/** The address with those parameters that have a value; a list repeats its parameter. */
export function addressOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined || value === '') continue
    for (const one of typeof value === 'object' ? value : [value]) query.append(name, String(one))
  }
  const text = query.toString()
  return `${API}${path}${text && `?${text}`}`
}

/** The answer's JSON; ApiProblem for an error, also when nothing answers (status 0). */
export async function get<Answer>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(addressOf(path, parameters), {
      credentials: 'same-origin',
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiProblem(0, 'The API does not answer.')
  }
  if (!response.ok) throw new ApiProblem(response.status, await detailOf(response))
  return (await response.json()) as Answer
}

async function detailOf(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: string; title?: string }
    return problem.detail ?? problem.title ?? response.statusText
  } catch {
    return response.statusText || `HTTP ${response.status}`
  }
}

/** All rows of a table, page after page, up to `most`; what holds for them is that of the last page. */
export async function allRows<Row>(path: string, parameters: Parameters, most = 50_000): Promise<Page<Row>> {
  const rows: Row[] = []
  let cursor: string | null = null
  for (;;) {
    const page: Page<Row> = await get<Page<Row>>(path, { ...parameters, limit: 1000, cursor })
    rows.push(...page.data)
    cursor = page.next_cursor
    if (cursor === null || rows.length >= most) return { ...page, data: rows }
  }
}
