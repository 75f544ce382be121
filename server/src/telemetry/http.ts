import * as contract from '@tidemark/core/telemetry/contract.ts'
import * as qualityContract from '@tidemark/core/telemetry/device-quality-contract.ts'
import { bind, bindFile, type Capability } from '../platform/capability.ts'
import { deviceQuality } from './device-quality.ts'
import { jobs } from './jobs.ts'
import { personalData } from './personal.ts'
import { setRetention, showRetention } from './retention.ts'
import * as service from './service.ts'
import { streamSockets } from './stream-in.ts'
import { upload } from './upload.ts'
import { closeWaysIn, openWaysIn } from './ways-in.ts'
import { getValidation, listValidations, validate } from './validate.ts'

export const telemetry: Capability = {
  name: 'telemetry',
  problems: contract.problems,
  bindings: [
    bind(contract.listMeasures, service.listMeasures),
    bind(contract.addDevice, service.addDevice),
    bind(contract.listDevices, service.listDevices),
    bind(contract.getDevice, service.getDevice),
    bind(contract.changeDevice, service.changeDevice),
    bind(qualityContract.deviceQuality, deviceQuality),
    bind(contract.ingest, service.ingest),
    bindFile(contract.upload, upload),
    bind(contract.validate, validate),
    bind(contract.listValidations, listValidations),
    bind(contract.getValidation, getValidation),
    bind(contract.listPoints, service.listPoints),
    bind(contract.showRetention, showRetention),
    bind(contract.setRetention, setRetention),
  ],
  sockets: streamSockets,
  jobs,
  start: openWaysIn,
  stop: closeWaysIn,
  personal_data: personalData,
}
