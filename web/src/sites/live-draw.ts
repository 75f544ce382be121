import type { LiveStore } from './live-store.ts'
import { breakAfter_ms, type LiveTrace } from './live-trace.ts'

/** Lines move on even when nothing comes: silence is to be seen. */
const MOVE_ON_MS = 1_000

type Draw = () => void
const drawn = new Map<LiveStore, Map<number, Draw>>()
let frame: number | undefined
let moved_on_ms = 0

/** Draws a series whenever it has something new, at most once a frame. All of them share one loop. */
export function onFrames(store: LiveStore, series_id: number, draw: Draw): () => void {
  const of_store = drawn.get(store) ?? new Map<number, Draw>()
  drawn.set(store, of_store)
  of_store.set(series_id, draw)
  frame ??= requestAnimationFrame(step)
  return () => {
    of_store.delete(series_id)
    if (of_store.size === 0) drawn.delete(store)
  }
}

function step(now_ms: number): void {
  const everything = now_ms - moved_on_ms > MOVE_ON_MS
  if (everything) moved_on_ms = now_ms
  for (const [store, of_store] of drawn) {
    const dirty = store.takeDirty()
    for (const series_id of everything ? of_store.keys() : dirty) of_store.get(series_id)?.()
  }
  frame = drawn.size === 0 ? undefined : requestAnimationFrame(step)
}

/** A line through the last value of each column, with the stretch between lowest and highest behind it. */
export function drawTrace(canvas: HTMLCanvasElement, trace: LiveTrace, to_ms: number): void {
  const pen = canvas.getContext('2d')
  const { clientWidth: width, clientHeight: height } = canvas
  if (!pen || width === 0) return
  const ratio = devicePixelRatio
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, width, height)
  const columns = trace.columns(to_ms)
  if (columns.length === 0) return
  const low = Math.min(...columns.map((each) => each.low))
  const high = Math.max(...columns.map((each) => each.high))
  const x = (at_ms: number) => width * (1 - (to_ms - at_ms) / trace.window_ms)
  // What never changes lies in the middle.
  const y = (value: number) => (high === low ? height / 2 : 3 + (height - 6) * (1 - (value - low) / (high - low)))
  const broken_ms = breakAfter_ms(columns)
  pen.strokeStyle = getComputedStyle(canvas).getPropertyValue('--tide')
  pen.globalAlpha = 0.3
  pen.lineWidth = 1
  pen.beginPath()
  for (const { at_ms, low: from, high: to } of columns) {
    pen.moveTo(x(at_ms), y(from))
    pen.lineTo(x(at_ms), y(to))
  }
  pen.stroke()
  pen.globalAlpha = 1
  pen.lineWidth = 1.6
  pen.beginPath()
  let before_ms = Number.NEGATIVE_INFINITY
  for (const { at_ms, last } of columns) {
    if (at_ms - before_ms > broken_ms) pen.moveTo(x(at_ms), y(last))
    else pen.lineTo(x(at_ms), y(last))
    before_ms = at_ms
  }
  pen.stroke()
}
