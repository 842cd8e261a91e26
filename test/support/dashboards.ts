import { readFileSync } from 'node:fs'

const KIBANA = new URL('../../config/dashboards/kibana/oddline.ndjson', import.meta.url)
const SPLUNK = new URL('../../config/dashboards/splunk/oddline/default/', import.meta.url)

export interface SavedObject {
  readonly type: string
  readonly id: string
  readonly attributes: Record<string, unknown>
  readonly references: readonly { readonly id: string; readonly type: string; readonly name: string }[]
}

interface Aggregation {
  readonly id: string
  readonly type: string
  readonly params: { readonly field?: string; readonly size?: number }
}

export function savedObjects(): SavedObject[] {
  return readFileSync(KIBANA, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SavedObject)
}

function aggregationsOf(object: SavedObject): Aggregation[] {
  return (JSON.parse(String(object.attributes.visState)) as { aggs: Aggregation[] }).aggs
}

/** The searches that Kibana makes of the visualizations. */
export function dashboardSearches(): { title: string; body: object }[] {
  return savedObjects()
    .filter(({ type }) => type === 'visualization')
    .map((object) => {
      const aggs: Record<string, object> = {}
      for (const { id, type, params } of aggregationsOf(object)) {
        if (type === 'count') continue
        const interval = type === 'date_histogram' ? { fixed_interval: '1h' } : {}
        const size = params.size === undefined ? {} : { size: params.size }
        aggs[id] = { [type]: { field: params.field, ...interval, ...size } }
      }
      const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string }
      const { query } = (JSON.parse(meta.searchSourceJSON) as { query: { query: string } }).query
      // The one KQL form that the dashboard uses: field : "value".
      const [, field, value] = /^(\S+) : "([^"]*)"$/.exec(query) ?? []
      const filter = field === undefined ? { match_all: {} } : { term: { [field]: value } }
      return { title: String(object.attributes.title), body: { size: 0, query: filter, aggs } }
    })
}

/** Every field that the Kibana objects name. */
export function kibanaFields(): string[] {
  const fields = savedObjects().flatMap((object) => {
    if (object.type === 'visualization') return aggregationsOf(object).map(({ params }) => params.field)
    if (object.type === 'search') return object.attributes.columns as string[]
    return []
  })
  return [...new Set(fields.filter((field) => field !== undefined))]
}

/** Every Splunk search: those of the dashboard and the saved ones. */
export function splunkSearches(): string[] {
  const view = readFileSync(new URL('data/ui/views/oddline_findings.xml', SPLUNK), 'utf8')
  const saved = readFileSync(new URL('savedsearches.conf', SPLUNK), 'utf8')
  return [
    ...[...view.matchAll(/<query>(.*?)<\/query>/g)].map((match) => match[1]),
    ...[...saved.matchAll(/^search = (.*)$/gm)].map((match) => match[1]),
  ]
}

const WORDS = new Set('stats count dc values max sum by as sort where timechart table dedup fields'.split(' '))

/** The fields that a search takes from events: its words without commands, functions, texts, and names that it makes. */
export function splunkFields(search: string): string[] {
  const made = new Set([...search.matchAll(/\bAS (\w+)/g)].map((match) => match[1]))
  const bare = search.replace(/"[^"]*"|`[^`]*`|\$[^$]*\$/g, ' ')
  const names = bare.match(/[A-Za-z_]\w*/g) ?? []
  return [...new Set(names)].filter(
    (name) => !WORDS.has(name.toLowerCase()) && !made.has(name) && !/^(critical|high)$/.test(name),
  )
}
