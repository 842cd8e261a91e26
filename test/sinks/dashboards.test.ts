import { describe, expect, it } from 'vitest'
import { MAPPINGS } from '../../sinks/elasticsearch/template.ts'
import { cimFields } from '../../sinks/splunk-hec/encode.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { kibanaFields, savedObjects, splunkFields, splunkSearches } from '../support/dashboards.ts'

/** Paths of all fields that the index template maps. */
function mapped(properties: object, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]: [string, { properties?: object }]) =>
    field.properties ? mapped(field.properties, `${prefix}${name}.`) : [`${prefix}${name}`],
  )
}

describe('the Kibana dashboard', () => {
  it('names only fields that the index template maps', () => {
    expect(mapped(MAPPINGS.properties)).toEqual(expect.arrayContaining(kibanaFields()))
    expect(kibanaFields().length).toBeGreaterThan(8)
  })

  it('refers only to objects that come with it', () => {
    const objects = savedObjects()
    const there = new Set(objects.map(({ type, id }) => `${type} ${id}`))
    const wanted = objects.flatMap(({ references }) => references.map(({ type, id }) => `${type} ${id}`))
    expect(wanted.filter((reference) => !there.has(reference))).toEqual([])
    const panels = JSON.parse(String(objects.at(-1)?.attributes.panelsJSON)) as {
      panelRefName: string
      panelIndex: string
    }[]
    const named = objects.at(-1)?.references.map(({ name }) => name)
    expect(panels.map(({ panelIndex, panelRefName }) => `${panelIndex}:${panelRefName}`)).toEqual(named)
  })
})

describe('the Splunk dashboard and saved searches', () => {
  it('name only fields that the sink sends', () => {
    const finding = { ...aFinding(), user: { name: 'alice' } }
    const sent = new Set([
      ...Object.keys(cimFields(finding)),
      ...Object.keys(finding),
      '_time',
      'source',
      'sourcetype',
      'host',
    ])
    const searches = splunkSearches()
    expect(searches.length).toBeGreaterThan(10)
    for (const search of searches)
      expect(
        splunkFields(search).filter((field) => !sent.has(field)),
        search,
      ).toEqual([])
  })
})
