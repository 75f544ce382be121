import 'maplibre-gl/dist/maplibre-gl.css'
import '../ui/map.css'
import {
  Map as GlMap,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type MapOptions,
  type StyleSpecification,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'
import { outlines } from '../ui/outlines.ts'

setWorkerUrl(workerUrl)

const settings = {
  style: { version: 8, sources: {}, layers: [] } satisfies StyleSpecification,
  attributionControl: false,
  center: [10, 12],
  zoom: 0.4,
  dragRotate: false,
  pitchWithRotate: false,
  // A wheel over the map scrolls the page, as everywhere.
  cooperativeGestures: true,
} satisfies Partial<MapOptions>

/** A map of outlines in its place, once it is drawn; `failed` where the browser draws none. No tile is fetched from anywhere. */
export function useBaseMap({ zoom_max }: { zoom_max: number }) {
  const { t } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<GlMap>()
  const [failed] = useState(() => document.createElement('canvas').getContext('webgl2') === null)
  const words = useEffectEvent(() => ({
    'Map.Title': t('projects.map.title'),
    'Marker.Title': t('projects.map.title'),
    'NavigationControl.ZoomIn': t('projects.map.in'),
    'NavigationControl.ZoomOut': t('projects.map.out'),
    'CooperativeGesturesHandler.WindowsHelpText': t('projects.map.wheel'),
    'CooperativeGesturesHandler.MacHelpText': t('projects.map.wheel'),
    'CooperativeGesturesHandler.MobileHelpText': t('projects.map.fingers'),
  }))
  useEffect(() => {
    const element = place.current
    if (!element || failed) return
    const made = new GlMap({ container: element, locale: words(), maxZoom: zoom_max, ...settings })
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    made.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left')
    made.on('load', () => {
      const draw = async () => {
        made.addSource('land', { type: 'geojson', data: await outlines() })
        // Its place may have been out of sight when it was measured.
        made.resize()
        setMap(made)
      }
      void draw()
    })
    return () => {
      setMap(undefined)
      made.remove()
    }
  }, [failed, zoom_max])
  useEffect(() => {
    if (map) paint(map, dark)
  }, [map, dark])
  return { place, map, failed }
}

/** A colour of the page as it is now. */
export function pageColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Land and water in the page's own colours, under everything else; `dark` says that they have changed. */
function paint(map: GlMap, _dark: boolean): void {
  const layers = [
    { id: 'water', type: 'background', paint: { 'background-color': pageColour('wash') } },
    { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': pageColour('surface') } },
    { id: 'borders', type: 'line', source: 'land', paint: { 'line-color': pageColour('edge'), 'line-width': 0.75 } },
  ] as const
  for (const { id } of layers) if (map.getLayer(id)) map.removeLayer(id)
  const first = map.getStyle().layers[0]?.id
  for (const layer of layers) map.addLayer(layer, first)
}
