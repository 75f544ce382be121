import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import type { Map as GlMap } from 'maplibre-gl'
import { TerraDraw, TerraDrawPolygonMode, TerraDrawSelectMode } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'

export type Tool = 'draw' | 'move' | 'look'

/** A centimetre on the ground; the drawing library refuses finer corners. */
const DECIMALS = 7

/** Draws one polygon on a map, or moves the corners of one. */
export class Pencil {
  readonly #draw: TerraDraw
  #tool: Tool = 'look'

  constructor(
    map: GlMap,
    colour: string,
    { finish, sketch }: { finish: (boundary: Boundary) => void; sketch: (boundary: Boundary) => void },
  ) {
    const hex = colour as `#${string}`
    const looks = { fillColor: hex, fillOpacity: 0.2, outlineColor: hex, outlineWidth: 2.5 }
    this.#draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DECIMALS }),
      modes: [
        new TerraDrawPolygonMode({ styles: { ...looks, closingPointColor: hex, closingPointWidth: 7 } }),
        new TerraDrawSelectMode({
          flags: {
            polygon: {
              feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } },
            },
          },
          styles: {
            selectedPolygonColor: hex,
            selectedPolygonFillOpacity: 0.2,
            selectedPolygonOutlineColor: hex,
            selectedPolygonOutlineWidth: 2.5,
            selectionPointColor: hex,
            selectionPointWidth: 6,
            midPointColor: hex,
            midPointOpacity: 0.5,
          },
        }),
      ],
    })
    this.#draw.start()
    this.#draw.on('change', () => {
      const drawn = this.#drawn()
      if (drawn && this.#tool !== 'look') sketch(drawn)
    })
    this.#draw.on('finish', () => {
      const drawn = this.#drawn()
      if (drawn) finish(drawn)
    })
  }

  use(tool: Tool, boundary: Boundary | null): void {
    this.#tool = 'look'
    this.#draw.clear()
    this.#draw.setMode(tool === 'draw' ? 'polygon' : 'select')
    if (tool === 'move' && boundary?.type === 'Polygon') {
      const [added] = this.#draw.addFeatures([
        {
          type: 'Feature',
          properties: { mode: 'polygon' },
          geometry: { type: 'Polygon', coordinates: rounded(boundary) },
        },
      ])
      if (added?.valid && added.id !== undefined) this.#draw.selectFeature(added.id)
    }
    this.#tool = tool
  }

  put_away(): void {
    this.#draw.stop()
  }

  #drawn(): Boundary | undefined {
    const polygon = this.#draw.getSnapshot().find(({ geometry }) => geometry.type === 'Polygon')
    if (polygon?.geometry.type !== 'Polygon') return undefined
    return {
      type: 'Polygon',
      coordinates: polygon.geometry.coordinates.map((ring) => ring.map((corner) => [...corner])),
    }
  }
}

function rounded({ coordinates }: Extract<Boundary, { type: 'Polygon' }>): number[][][] {
  return coordinates.map((ring) =>
    ring.map(([x = 0, y = 0]) => [Number(x.toFixed(DECIMALS)), Number(y.toFixed(DECIMALS))]),
  )
}
