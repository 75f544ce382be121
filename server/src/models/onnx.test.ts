import { expect, test } from 'vitest'
import { openOnnx } from './onnx.ts'
import { endlessOnnx, hugeOnnx, linearOnnx } from './testing-onnx.ts'

test('an ONNX model says what it reads and answers', async () => {
  const model = await openOnnx(linearOnnx([2, 3], 1))
  expect(model.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 2] }])
  const { y } = await model.run({ x: { datatype: 'FP32', shape: [2, 2], data: [1, 1, 2, 2] } })
  expect(y).toEqual({ datatype: 'FP32', shape: [2, 1], data: [6, 11] })
  const wrong = model.run({ x: { datatype: 'FP32', shape: [1, 3], data: [1, 1, 1] } })
  await expect(wrong).rejects.toMatchObject({ type: 'models/input-unfit' })
  await model.close()
})

test('models/onnx-refused: what is no ONNX model is not loaded, and no path of a machine is told', async () => {
  const refused = openOnnx(new TextEncoder().encode('this is no model'))
  await expect(refused).rejects.toMatchObject({
    type: 'models/onnx-refused',
    message: expect.not.stringMatching(/\/\w+\//) as string,
  })
})

test('models/too-slow: a model that goes round for ever is ended', async () => {
  const opened = await openOnnx(endlessOnnx(), { time_ms: 1_500 })
  const asked = opened.run({ x: { datatype: 'FP32', shape: [1, 1], data: [1] } })
  await expect(asked).rejects.toMatchObject({ type: 'models/too-slow' })
  expect(opened.closed).toBe(true)
})

test('a model that asks for more memory than there may be gets none, and the server goes on', async () => {
  const opened = await openOnnx(hugeOnnx(), { memory_bytes_max: 256 * 1024 * 1024 })
  const before = process.memoryUsage().rss
  const asked = opened.run({ x: { datatype: 'FP32', shape: [1, 1], data: [1] } })
  await expect(asked).rejects.toMatchObject({ type: 'models/input-unfit' })
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
  await opened.close()
})
