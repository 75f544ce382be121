import './projects.css'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl'
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'
import { pageColour, useBaseMap } from './base-map.ts'
import { measure } from './boundary-text.ts'
import { Pencil, type Tool } from './pencil.ts'

/** A picture with its place, to draw on. */
export interface Underlay {
  address: string
  /** Longitude and latitude: top left, top right, bottom right, bottom left. */
  corners: readonly (readonly [number, number])[]
}

/** Draws a boundary by hand, corner by corner, on a picture of the place where there is one. Beside it, the same can be typed. */
export function DrawMap({
  boundary,
  underlay,
  place: wanted,
  onDraw,
  onSketch,
}: {
  boundary: Boundary | null
  underlay: Underlay | undefined
  /** Where to look, when somebody asked for a place. */
  place: { latitude: number; longitude: number } | undefined
  onDraw: (boundary: Boundary | null) => void
  /** Hectares of what is being drawn; null while it encloses none. */
  onSketch: (area_ha: number | null) => void
}) {
  const { t } = useWords()
  const dark = useIsDark()
  const { place, map, failed } = useBaseMap({ zoom_max: 19 })
  const [tool, setTool] = useState<Tool>(boundary === null ? 'draw' : 'look')
  const pencil = usePencil(map, tool, boundary, {
    finish: (drawn) => {
      onDraw(drawn)
      onSketch(null)
      setTool('look')
    },
    sketch: (sketched) => {
      const found = measure(sketched)
      onSketch('figures' in found ? found.figures.area_ha : null)
    },
  })
  useEffect(() => {
    if (map && underlay) layUnder(map, underlay)
  }, [map, underlay])
  useEffect(() => {
    if (map) showBoundary(map, tool === 'look' ? boundary : null, dark)
  }, [map, boundary, tool, dark])
  useFraming(map, boundary, underlay, wanted)
  if (failed) return <p className="card p-6 text-soft">{t('projects.boundary.noMap')}</p>
  const can_move = boundary?.type === 'Polygon'
  return (
    <figure>
      <div
        ref={place}
        className="card h-80 overflow-hidden sm:h-[28rem]"
        data-testid="draw-map"
        data-drawn={map !== undefined}
      />
      <figcaption className="mt-1.5 text-sm text-soft">{t(`projects.boundary.tool.${tool}Says`)}</figcaption>
      <div role="group" aria-label={t('projects.boundary.tools')} className="mt-3 flex flex-wrap gap-2">
        {(['draw', 'move'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className={`button button-small ${tool === each ? 'button-main' : 'button-plain'}`}
            aria-pressed={tool === each}
            aria-disabled={each === 'move' && !can_move}
            onClick={() => (each === 'draw' || can_move) && setTool(tool === each ? 'look' : each)}
          >
            {t(`projects.boundary.tool.${each}`)}
          </button>
        ))}
        <button
          type="button"
          className="button button-plain button-small"
          onClick={() => {
            onDraw(null)
            onSketch(null)
            setTool('draw')
            pencil.anew()
          }}
        >
          {t('projects.boundary.clear')}
        </button>
      </div>
    </figure>
  )
}

/** Keeps a pencil on the map that holds the tool; both listeners see the page as it is when they are called. */
function usePencil(
  map: GlMap | undefined,
  tool: Tool,
  boundary: Boundary | null,
  listener: { finish: (boundary: Boundary) => void; sketch: (boundary: Boundary) => void },
) {
  const pencil = useRef<Pencil>(undefined)
  const finish = useEffectEvent(listener.finish)
  const sketch = useEffectEvent(listener.sketch)
  // A boundary that changes while it is drawn is the pencil's own.
  const take = useEffectEvent((taken: Tool) => pencil.current?.use(taken, boundary))
  // A layout effect, because the pencil is put away before the map under it is gone.
  useLayoutEffect(() => {
    if (!map) return
    const made = new Pencil(map, pageColour('tide'), { finish, sketch })
    pencil.current = made
    return () => {
      pencil.current = undefined
      made.put_away()
    }
  }, [map])
  useEffect(() => {
    if (map) take(tool)
  }, [map, tool])
  return { anew: () => pencil.current?.use('draw', null) }
}

/** Looks at what there is, once; and at a place when somebody asks for it. */
function useFraming(
  map: GlMap | undefined,
  boundary: Boundary | null,
  underlay: Underlay | undefined,
  wanted: { latitude: number; longitude: number } | undefined,
): void {
  const has_boundary = boundary !== null
  const frame = useEffectEvent((on: GlMap, corners: Underlay['corners'] | undefined, to_boundary: boolean) => {
    const found = to_boundary && boundary !== null ? measure(boundary) : undefined
    if (found && 'figures' in found) {
      const [west, south, east, north] = found.figures.bounds
      on.fitBounds([west, south, east, north], { padding: 64, maxZoom: 17, animate: false })
    } else if (corners) {
      const [x, y] = [corners.map(([each]) => each), corners.map(([, each]) => each)]
      on.fitBounds([Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)], { padding: 24, animate: false })
    }
  })
  useEffect(() => {
    if (map) frame(map, underlay?.corners, has_boundary)
  }, [map, underlay, has_boundary])
  useEffect(() => {
    if (map && wanted) map.jumpTo({ center: [wanted.longitude, wanted.latitude], zoom: Math.max(map.getZoom(), 13) })
  }, [map, wanted])
}

function layUnder(map: GlMap, { address, corners }: Underlay): void {
  if (map.getSource('underlay')) return
  const [a, b, c, d] = corners.map(([x, y]): [number, number] => [x, y])
  if (!a || !b || !c || !d) return
  map.addSource('underlay', { type: 'image', url: address, coordinates: [a, b, c, d] })
  const ground = ['water', 'land', 'borders']
  const above = map.getStyle().layers.find(({ id }) => !ground.includes(id))?.id
  map.addLayer({ id: 'underlay', type: 'raster', source: 'underlay', paint: { 'raster-resampling': 'nearest' } }, above)
}

/** In the page's own colours; `dark` says that they have changed. */
function showBoundary(map: GlMap, boundary: Boundary | null, _dark: boolean): void {
  const data = boundary ?? { type: 'MultiPolygon' as const, coordinates: [] }
  const source = map.getSource<GeoJSONSource>('boundary')
  if (source) source.setData(data)
  else map.addSource('boundary', { type: 'geojson', data })
  for (const id of ['boundary-area', 'boundary-line']) if (map.getLayer(id)) map.removeLayer(id)
  const colour = pageColour('tide')
  map.addLayer({
    id: 'boundary-area',
    type: 'fill',
    source: 'boundary',
    paint: { 'fill-color': colour, 'fill-opacity': 0.2 },
  })
  map.addLayer({
    id: 'boundary-line',
    type: 'line',
    source: 'boundary',
    paint: { 'line-color': colour, 'line-width': 2.5 },
  })
}
