import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    // Its package names its sources, which Node cannot run, under the condition that we have for our own.
    server: { deps: { inline: [/eventsource-parser/, /@modelcontextprotocol\/sdk\/.*client/] } },
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
