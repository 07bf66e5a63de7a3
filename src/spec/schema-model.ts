import { z } from 'zod';
import { modelIds } from './catalog-names.ts';
import {
  absolutePath,
  byteRate,
  field,
  imageReference,
  objectName,
  pattern,
  relativePath,
} from './fields.ts';

const pvc = field(
  z.strictObject({
    claimName: field(objectName, {
      description: 'PersistentVolumeClaim in the deployment namespace, readable from every node.',
      examples: ['deepseek-weights'],
      find: 'Run `kubectl get pvc -n NAMESPACE`.',
    }),
    subPath: field(relativePath, {
      description: 'Directory of config.json and the *.safetensors files inside the volume.',
      examples: ['DeepSeek-V3.2'],
    }).exactOptional(),
  }),
  {
    description: 'Weights on a PersistentVolumeClaim.',
    examples: [{ claimName: 'deepseek-weights', subPath: 'DeepSeek-V3.2' }],
  },
);

const hostPath = field(
  z.strictObject({
    path: field(absolutePath, {
      description:
        'Directory of config.json and the *.safetensors files on every node of the pool.',
      examples: ['/data/models/DeepSeek-V3.2'],
      find: 'Log in to a node and run `ls /*/*/DeepSeek-V3.2/config.json`, or ask who copied the weights.',
    }),
  }),
  {
    description: 'Weights on the local disk of every node.',
    examples: [{ path: '/data/models/DeepSeek-V3.2' }],
  },
);

const image = field(
  z.strictObject({
    reference: field(imageReference, {
      description:
        'OCI image with the weights, mounted as a volume. Needs Kubernetes 1.33 or later.',
      examples: ['registry.example.com/models/deepseek-v3.2:1'],
    }),
    subPath: field(relativePath, {
      description: 'Directory of the weights inside the image.',
      examples: ['models'],
    }).exactOptional(),
  }),
  {
    description: 'Weights in an OCI image volume.',
    examples: [{ reference: 'registry.example.com/models/deepseek-v3.2:1' }],
  },
);

/** The `model` mapping. */
export const modelSchema = field(
  z.strictObject({
    id: field(z.enum(modelIds), {
      description: 'Model to serve, by its catalog id.',
      examples: ['deepseek-ai/DeepSeek-V3.2'],
    }),
    revision: field(pattern(/^[0-9a-f]{40}$/, 'the 40 hexadecimal digits of a commit'), {
      description:
        'Commit of the model repository the weights came from. Recorded, not downloaded.',
      examples: ['0123456789abcdef0123456789abcdef01234567'],
      find: 'Open the "Files" page of the model, or run `git rev-parse HEAD` in its clone.',
    }).exactOptional(),
    weights: field(
      z
        .strictObject({
          pvc: pvc.exactOptional(),
          hostPath: hostPath.exactOptional(),
          image: image.exactOptional(),
          readBandwidth: field(byteRate, {
            description:
              'Sustained sequential read of one node from this source, in bytes per second. Start-up time-outs follow from it.',
            examples: ['2GB/s'],
            find: 'Measure on one node: `dd if=WEIGHTS/model-00001-of-000163.safetensors of=/dev/null bs=16M iflag=direct`.',
          }),
        })
        .meta({
          oneOf: [{ required: ['pvc'] }, { required: ['hostPath'] }, { required: ['image'] }],
        }),
      {
        description: 'Where the weights lie; exactly one of pvc, hostPath and image.',
        examples: [{ pvc: { claimName: 'deepseek-weights' }, readBandwidth: '2GB/s' }],
      },
    ),
  }),
  { description: 'The model and its weights.' },
);
