import { expect, test } from 'vitest'
import { type EventBlock, SliceColumn } from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { extract, extractors, newSessions } from '../../src/detectors/isolation-forest/extractors.ts'
import { HttpProfiles } from '../../src/features/http/http-profiles.ts'
import { LoginProfiles } from '../../src/features/login/login-profiles.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { Templater } from '../../src/templates/templater.ts'
import { blockOf } from '../parsing/blocks.ts'
import { CombinedWriter } from '../support/generate/generate-combined.ts'
import { SecurityWriter } from '../support/generate/generate-security.ts'

type Name = 'access' | 'syslog' | 'json'

const WRITERS = {
  access: new CombinedWriter(5),
  syslog: new SecurityWriter(5, 'auth'),
  json: new SecurityWriter(5, 'json'),
}

/** The block as it would be if nobody had numbered its texts. */
function withoutIds(block: EventBlock): EventBlock {
  const columns = Object.entries(block).map(([name, value]) => {
    if (value instanceof SliceColumn)
      return [name, new SliceColumn(value.source, value.starts, value.ends, value.ascii)]
    const texts = typeof value === 'object' && 'ids' in value ? { at: (i: number) => value.at(i) } : value
    return [name, texts]
  })
  return Object.fromEntries(columns) as EventBlock
}

/** What is made of blocks by extractors and a templater that learn from the first of them. */
function made(blocks: readonly EventBlock[]) {
  const learning = extractors(newSessions())
  const templater = new Templater()
  extract(learning, blocks[0], new Uint8Array(blocks[0].count))
  templater.templates(blocks[0])
  const http = HttpProfiles.restore(learning.http.profiles.snapshot())
  const login = LoginProfiles.restore(learning.security.profiles.snapshot())
  http.freeze()
  login.freeze()
  templater.freeze()
  const frozen = extractors(newSessions(), http, login)
  return blocks.map((block) => ({
    rows: extract(frozen, block).slice(0, block.count * (block.kind === 'http' ? 26 : 15)),
    templates: templater.templates(block),
  }))
}

test.each<Name>(['access', 'syslog', 'json'])(
  '%s events have the same features and templates with and without numbers for their texts',
  (name) => {
    const sniffed: Sniffed = { format: name, framing: 'lines', context: '' }
    const writer = WRITERS[name]
    const parser = createParser()
    const blocks = Array.from({ length: 4 }, () => {
      const lines = Array.from({ length: 500 }, () => writer.next())
      return parser.parse(blockOf(lines), sniffed).events
    })
    for (const { count } of blocks) expect(count).toBe(500)
    expect(made(blocks)).toEqual(made(blocks.map(withoutIds)))
  },
)
