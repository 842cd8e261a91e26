/**
 * Charts of the report and the dashboard, on uPlot. A classic script, because a page that is opened from disk may hold
 * scripts but not import them. Colours come from the style sheet, so that light, dark and print need no second palette.
 */
;(() => {
  const SEVERITIES = ['low', 'medium', 'high', 'critical']

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

  function axes(counts) {
    const text = { stroke: colour('ink-3'), font: `11px ${colour('sans')}` }
    const grid = { stroke: colour('line'), width: 1 }
    return [
      { ...text, grid: { show: false }, ticks: { show: false }, space: 72, size: 40, values: TIMES },
      { ...text, scale: 'events', grid, ticks: { show: false }, size: 46, values: (_, ticks) => ticks.map(short) },
      {
        ...text,
        scale: 'findings',
        side: 1,
        grid: { show: false },
        ticks: { show: false },
        size: 36,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000],
        values: (_, ticks) => ticks.map(short),
        show: counts > 0,
      },
    ]
  }

  /** uPlot's table of tick formats by step, with a clock of 24 hours. */
  const DAY = '\n{YYYY}-{MM}-{DD}'
  const TIMES = [
    [31536000, '{YYYY}', null, null, null, null, null, null, 1],
    [2419200, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
    [86400, '{DD} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
    [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
    [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
  ]

  function short(value) {
    if (value >= 1e6) return `${+(value / 1e6).toFixed(1)}M`
    if (value >= 1e3) return `${+(value / 1e3).toFixed(1)}k`
    return String(value)
  }

  /** Bars on top of each other: each series is drawn from the ground to its running sum, the tallest first. */
  function stacked(findings) {
    const sums = []
    let below = null
    for (const severity of SEVERITIES) {
      const sum = findings[severity].map((n, i) => n + (below ? below[i] : 0))
      sums.unshift({ severity, values: sum.map((n, i) => (findings[severity][i] > 0 ? n : null)) })
      below = sum
    }
    return sums
  }

  /**
   * Traffic as a quiet area, findings as bars stacked by severity, the highest score of each slot as a dot above them.
   * @param element where it goes; its width is the chart's
   * @param data {start, width, events, findings: {severity: number[]}, score}, times in ms; scores 0 to 1
   * @param options {height, onPick(from, until)}: `onPick` is called with the slot that was clicked, ms
   */
  function timeline(element, data, options = {}) {
    const times = data.events.map((_, i) => (data.start + i * data.width) / 1000)
    const layers = stacked(data.findings)
    const found = layers.reduce((most, { values }) => Math.max(most, ...values.map((n) => n ?? 0)), 0)
    const bars = uPlot.paths.bars({ size: [0.72, 26, 3], align: 1 })
    const area = uPlot.paths.stepped({ align: 1 })
    const score = (data.score ?? []).map((one) => (one > 0 ? one : null))
    let plot

    function draw() {
      plot?.destroy()
      plot = new uPlot(
        {
          width: Math.max(200, element.clientWidth),
          height: options.height ?? 220,
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
          padding: [10, found > 0 ? 0 : 10, 0, 0],
          cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
          scales: {
            x: { range: () => [times[0], (data.start + data.events.length * data.width) / 1000] },
            events: { range: (_, __, max) => [0, Math.max(1, max) * 1.08] },
            findings: { range: (_, __, max) => [0, Math.max(4, max * 1.6)] },
            score: { range: () => [0, 1.06] },
          },
          axes: axes(found),
          series: [
            {},
            {
              scale: 'events',
              paths: area,
              stroke: colour('traffic'),
              fill: colour('traffic-soft'),
              width: 1,
              points: { show: false },
            },
            ...layers.map(({ severity }) => ({
              scale: 'findings',
              paths: bars,
              fill: colour(severity),
              stroke: colour(severity),
              width: 0,
              points: { show: false },
            })),
            {
              scale: 'score',
              paths: () => null,
              points: { show: true, size: 5, stroke: colour('ink-2'), fill: colour('card') },
            },
          ],
          hooks: { setCursor: [tip] },
        },
        [times, data.events, ...layers.map(({ values }) => values), score],
        element,
      )
      if (options.onPick) plot.over.addEventListener('click', pick)
    }

    const note = document.createElement('p')
    note.className = 'chart-note small muted'
    note.setAttribute('aria-hidden', 'true')
    note.textContent = options.hint ?? '\u00a0'

    function tip({ cursor }) {
      const i = cursor.idx
      if (i === null || i === undefined) {
        note.textContent = options.hint ?? '\u00a0'
        return
      }
      const at = new Date(data.start + i * data.width).toISOString().slice(0, 16).replace('T', ' ')
      const parts = [...SEVERITIES].reverse().flatMap((one) => {
        const n = data.findings[one][i]
        return n > 0 ? [`${n} ${one}`] : []
      })
      note.textContent = `${at} UTC: ${data.events[i].toLocaleString('en-US')} events${parts.length > 0 ? `, ${parts.join(', ')}; highest score ${Math.round(100 * (score[i] ?? 0))}` : ''}`
    }

    function pick() {
      const i = plot.cursor.idx
      if (i !== null && i !== undefined) options.onPick(data.start + i * data.width, data.start + (i + 1) * data.width)
    }

    draw()
    element.append(note)
    const redraw = () => {
      draw()
      element.append(note)
    }
    let width = element.clientWidth
    const observer = new ResizeObserver(() => {
      if (Math.abs(element.clientWidth - width) < 2) return
      width = element.clientWidth
      redraw()
    })
    observer.observe(element)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const print = matchMedia('print')
    dark.addEventListener('change', redraw)
    print.addEventListener('change', redraw)
    return {
      destroy() {
        observer.disconnect()
        dark.removeEventListener('change', redraw)
        print.removeEventListener('change', redraw)
        plot.destroy()
        note.remove()
      },
    }
  }

  globalThis.OddlineCharts = { timeline }
})()
