import { asset, uplotAsset } from '../../look/assets.ts'
import type { Api } from '../api.ts'

const FILES = {
  '/ui/': ['text/html; charset=utf-8', () => asset('dashboard', 'index.html')],
  '/ui/look.css': ['text/css; charset=utf-8', () => asset('look', 'look.css')],
  '/ui/dashboard.css': ['text/css; charset=utf-8', () => asset('dashboard', 'dashboard.css')],
  '/ui/charts.js': ['text/javascript; charset=utf-8', () => asset('look', 'charts.js')],
  '/ui/uplot.js': ['text/javascript; charset=utf-8', () => uplotAsset('uPlot.iife.min.js')],
  '/ui/uplot.css': ['text/css; charset=utf-8', () => uplotAsset('uPlot.min.css')],
  ...Object.fromEntries(
    [
      'main',
      'api',
      'dom',
      'format',
      'overview',
      'incidents',
      'finding',
      'lines',
      'operate',
      'adjustments',
      'sign-in',
    ].map((name) => [`/ui/${name}.js`, ['text/javascript; charset=utf-8', () => asset('dashboard', `${name}.js`)]]),
  ),
} as Readonly<Record<string, readonly [type: string, read: () => string]>>

/** The dashboard: a fixed list of files, read once. They hold no data and need no key; the API behind them needs one. */
export function uiRoutes(app: Api): void {
  for (const [path, [type, read]] of Object.entries(FILES)) {
    const text = read()
    app.get(path, { schema: { hide: true } }, async (_, reply) =>
      reply
        .type(type)
        .header('cache-control', 'no-cache')
        .send(text as never),
    )
  }
  app.get('/ui', { schema: { hide: true } }, async (_, reply) => reply.redirect('/ui/', 308))
}
